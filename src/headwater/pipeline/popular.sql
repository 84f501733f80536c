-- Places that every fiftieth caller among own hosts calls: no gateway of a farm, which would be
-- the largest ever found. But of a few addresses that many households share (RFC 6888) each
-- fiftieth calls whatever one household in a thousand does. Who calls a gateway does so errand
-- after errand; of those who call a place that is merely well known most do it now and then.
--
-- Read   sessions

-- step: calls
select server, client, count(*) as sessions
from sessions
where inside = 'client' and port not in (25, 53, 123, 465, 587, 853)
group by server, client

-- step: callers
select count(distinct client) as hosts from calls

-- step: answer
-- Often is as often as `dial_back` asks for; and no gateway has half of all.
select server
from calls cross join callers
group by server, hosts
having count(*) > 20 and 50 * count(*) > hosts
   and (2 * count(*) > hosts or 2 * sum(case when sessions >= 6 then 1 else 0 end) < count(*))
order by server
