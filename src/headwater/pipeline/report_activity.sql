-- How many sessions each proxy had in each bin of the window: driven, mail, and all else it
-- opened.
--
-- Read   sessions
--        proxies    (host)
--        pairs      (upstream, proxy)
--        scale      (start_us, bin_us): the window's start, the length of a bin

-- step: met
select proxies.host, started_at,
       case when pairs.upstream is not null then 'driven'
            when port in (25, 465, 587) and protocol = 6 then 'mail'
            else 'other' end as what
from sessions
join proxies on proxies.host = sessions.client
left join pairs on pairs.proxy = sessions.client and pairs.upstream = sessions.server
where inside = 'client' and port not in (53, 123, 853)
union all
select pairs.proxy as host, started_at, 'driven' as what
from sessions join pairs on pairs.proxy = sessions.server and pairs.upstream = sessions.client
where established

-- step: answer
select host, what, floor((started_at - start_us) / bin_us) as bin, count(*) as sessions
from met cross join scale
group by host, what, floor((started_at - start_us) / bin_us)
order by host, what, bin
