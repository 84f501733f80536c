-- The pieces of those sessions, turned round with them.
--
-- Read   slices, sessions

-- step: turned
select distinct conversation from sessions where port > client_port

-- step: answer
select slices.conversation, sliced_at, ended_at,
       case when turned.conversation is null then client_bytes else server_bytes end
           as client_bytes,
       case when turned.conversation is null then server_bytes else client_bytes end
           as server_bytes
from slices left join turned on turned.conversation = slices.conversation
