-- What a hunt has to look at: the size of the window.

-- step: edge
select min(started_at) as first_at from sessions

-- step: counted
-- Each conversation has one row in which it was opened, unless that was before the window.
select coalesce(sum(case when opened_at = started_at then 1 else 0 end), 0)
         + count(distinct case when opened_at < first_at then conversation end) as sessions,
       coalesce(avg(case when client_packets > 0 and server_packets > 0 then 1 else 0 end), 0)
           as both_directions,
       count(distinct case when inside = 'server' then server
                           when inside in ('client', 'both') then client end) as own_hosts
from sessions cross join edge

-- step: answer
select * from counted
