-- What was counted of each own host (but that somebody lives there), added up over the window's hours.
--
-- Read   facts

-- step: answer
select kind, host, peer, port, protocol,
       sum(tries) as tries, sum(hits) as hits, sum(by_chance) as by_chance
from facts
where kind <> 'lit'
group by kind, host, peer, port, protocol
order by kind, host, peer, port, protocol
