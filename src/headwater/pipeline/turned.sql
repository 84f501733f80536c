-- Sessions whose client was taken for their server: of outsiders that dial in to own hosts.
--
-- Of sampled packets hardly any is a session's first, and where neither port is known its number is
-- all there is to go by. But who calls does so each time from a port of its own, and who is called
-- is met at the same one again, or many are at one: over a whole window that shows.
--
-- Read   sessions

-- step: doubtful
-- Ports below were for services only (RFC 6335 section 6).
select inside, conversation, client, server, client_port, port
from sessions
where inside in ('client', 'server') and protocol = 6 and sampling > 1
  and oriented_by in ('port', 'guess') and (inside = 'server' or port >= 1024)
group by inside, conversation, client, server, client_port, port

-- step: dealings
select case when inside = 'client' then server else client end as outsider,
       case when inside = 'client' then client_port else port end as own_port,
       case when inside = 'client' then port else client_port end as outsider_port,
       case when inside = 'client' then client else server end as host
from doubtful

-- step: meetings
select outsider, host, own_port, outsider_port
from dealings
group by outsider, host, own_port, outsider_port

-- step: callers
-- Fewer than six may have chosen alike by chance. A server of files hands each one over between two
-- ports that were chosen for it (RFC 959 section 3.2): own ports are as many there.
select outsider
from meetings
group by outsider
having count(*) >= 6 and 10 * count(distinct outsider_port) >= 9 * count(*)
   and 4 * count(distinct own_port) <= 3 * count(*)

-- step: answer
select doubtful.conversation
from doubtful join callers on callers.outsider = doubtful.server
where doubtful.inside = 'client'
order by doubtful.conversation
