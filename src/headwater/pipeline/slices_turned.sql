-- What sessions exchanged piece by piece, with those turned round that the sessions are.
--
-- Read   slices     under the name of what they stand for
--        wrong_way  (conversation)

-- step: answer
select s.conversation, s.sliced_at, s.ended_at,
       case when t.conversation is null then s.client_bytes else s.server_bytes end as client_bytes,
       case when t.conversation is null then s.server_bytes else s.client_bytes end as server_bytes
from stored_slices as s
left join wrong_way as t on t.conversation = s.conversation
