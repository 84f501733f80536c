-- What a hunt has to look at: the size of the window.

-- step: answer
select count(distinct conversation) as sessions,
       coalesce(avg(case when client_packets > 0 and server_packets > 0 then 1 else 0 end), 0)
           as both_directions,
       count(distinct case when inside = 'server' then server
                           when inside in ('client', 'both') then client end) as own_hosts
from sessions
