-- The rule of CESNET NEMEA's SMTP sender detector: more than 81 SMTP flows to more than 10
-- servers within five minutes.
--
-- Read   sessions

-- step: answer
select distinct host
from (
    select client as host, floor(opened_at / 300000000) as part,
           count(*) as flows, count(distinct server) as servers
    from sessions
    where inside = 'client' and port = 25 and protocol = 6
    group by client, floor(opened_at / 300000000)
) as counted
where flows > 81 and servers > 10
