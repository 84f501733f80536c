-- What hosts on watch did for the first time after the report that put them there.
--
-- Read   sessions
--        watched   (host, reported, since_us, why, told_by, reports): on watch since then,
--                   for what, reported under which address
--        masters   (server): servers found to command hijacked hosts

-- step: done
-- Each thing a host does, and the first time: services that outsiders used, mail, masters.
select server as host, 'service' as what, port, min(started_at) as first_us,
       count(distinct client) as others
from sessions join watched on watched.host = sessions.server
where inside = 'server' and established and protocol = 6
group by server, port
union all
select client as host, 'mail' as what, 25 as port, min(started_at) as first_us,
       count(distinct server) as others
from sessions join watched on watched.host = sessions.client
where inside = 'client' and port = 25 and protocol = 6
group by client
union all
select client as host, 'master' as what, min(port) as port, min(started_at) as first_us,
       count(distinct sessions.server) as others
from sessions
join watched on watched.host = sessions.client
join masters on masters.server = sessions.server
where inside = 'client'
group by client

-- step: met
-- Since when anything is seen of each: what began before our records is not new.
select host, min(first_us) as met_us
from (
    select client as host, min(started_at) as first_us
    from sessions join watched on watched.host = sessions.client
    group by client
    union all
    select server as host, min(started_at) as first_us
    from sessions join watched on watched.host = sessions.server
    where established
    group by server
) as either
group by host

-- step: answer
select watched.host, reported, since_us, why, told_by, reports, met_us, what, port, first_us, others
from watched
left join met on met.host = watched.host
left join done on done.host = watched.host
order by host, first_us, what, port
