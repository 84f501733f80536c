-- How many sessions each proxy had in each bin of the window: driven, mail, and all else it
-- opened. A long session counts in each bin in which it carried something.
--
-- Read   sessions, slices
--        proxies    (host)
--        pairs      (upstream, proxy)
--        scale      (start_us, bin_us): the window's start, the length of a bin

-- step: opened
select proxies.host, conversation, started_at,
       case when port in (25, 465, 587) and protocol = 6 then 'mail' else 'other' end as what
from sessions
join proxies on proxies.host = sessions.client
left join pairs on pairs.proxy = sessions.client and pairs.upstream = sessions.server
where inside = 'client' and port not in (53, 123, 853) and pairs.upstream is null

-- step: driven
select pairs.proxy as host, conversation, started_at, 'driven' as what
from sessions join pairs on pairs.proxy = sessions.server and pairs.upstream = sessions.client
where established
union all
select pairs.proxy as host, conversation, started_at, 'driven' as what
from sessions join pairs on pairs.proxy = sessions.client and pairs.upstream = sessions.server
where established

-- step: carried
-- The sessions' rows begin anew with every hour; the pieces tell when something was carried.
select long.host, long.conversation, sliced_at as started_at, 'driven' as what
from (select distinct host, conversation from driven) as long
join slices on slices.conversation = long.conversation
where client_bytes + server_bytes > 0

-- step: at_work
select host, started_at, what from opened
union all
select host, started_at, what from carried
union all
select driven.host, driven.started_at, driven.what
from driven left join (select distinct conversation from carried) as told
  on told.conversation = driven.conversation
where told.conversation is null

-- step: answer
select host, what, floor((started_at - start_us) / bin_us) as bin, count(*) as sessions
from at_work cross join scale
group by host, what, floor((started_at - start_us) / bin_us)
order by host, what, bin
