-- Places that every fiftieth caller among own hosts calls: no gateway of a farm, which would be
-- the largest ever found.
--
-- Read   sessions

-- step: calls
select server, client
from sessions
where inside = 'client' and port not in (25, 53, 123, 465, 587, 853)
group by server, client

-- step: callers
select count(distinct client) as hosts from calls

-- step: answer
select server
from calls cross join callers
group by server, hosts
having count(*) > 20 and 50 * count(*) > hosts
order by server
