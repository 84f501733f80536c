-- What each upstream pushed through each of its proxies, and in which quarters of an hour.
--
-- Read   sessions
--        pairs      (upstream, proxy): who drives whom; either may open the session

-- step: met
select pairs.upstream, pairs.proxy, conversation, started_at, client_bytes + server_bytes as bytes
from sessions join pairs on pairs.upstream = sessions.client and pairs.proxy = sessions.server
where established
union all
select pairs.upstream, pairs.proxy, conversation, started_at, client_bytes + server_bytes as bytes
from sessions join pairs on pairs.proxy = sessions.client and pairs.upstream = sessions.server
where established

-- step: ties
select upstream, proxy, count(distinct conversation) as sessions, sum(bytes) as bytes
from met
group by upstream, proxy

-- step: quarters
select upstream, floor(started_at / 900000000) as quarter, count(*) as sessions
from met
group by upstream, floor(started_at / 900000000)

-- step: answer
select upstream, proxy, cast(null as bigint) as quarter, sessions, bytes from ties
union all
select upstream, cast(null as string) as proxy, cast(quarter as bigint) as quarter, sessions,
       0 as bytes
from quarters
order by upstream, proxy, quarter
