-- All sessions of some own hosts.
--
-- Read   sessions
--        hosts      (host)

-- step: answer
select sessions.*
from sessions
left join hosts as ours on ours.host = sessions.client
left join hosts as theirs on theirs.host = sessions.server
where ours.host is not null or theirs.host is not null
