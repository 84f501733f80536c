-- How many sessions some own hosts have, each of them.
--
-- Read   sessions
--        hosts      (host)

-- step: ends
select client as host, count(*) as sessions from sessions group by client
union all
select server as host, count(*) as sessions from sessions group by server

-- step: answer
select hosts.host, sum(ends.sessions) as sessions
from hosts join ends on ends.host = hosts.host
group by hosts.host
order by hosts.host
