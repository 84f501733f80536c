-- What an outsider has from several own hosts that it visits, beside what these fetch from places
-- that hardly anybody but they goes to; or what they have from an outsider, beside what they mail.
--
-- Read   sessions
--        popular    (server): places that a crowd calls

-- steps: peers.sql

-- step: exchanged
-- Where every packet was counted others see each errand by itself. Mail is brought to everyone;
-- who reads a site takes what is there for all.
select 'to' as leg, client as host, sessions.server as peer, min(port) as port,
       count(distinct conversation) as sessions, sum(client_bytes) as sent,
       sum(server_bytes) as got, sum(client_packets + server_packets) as packets,
       max(sampling) as sampling, min(opened_at) as first_seen, max(closed_at) as last_seen
from sessions
left join popular on popular.server = sessions.server
left join peers on peers.peer = sessions.server
where inside = 'client' and sampling > 1 and protocol = 6 and popular.server is null
  and peers.peer is null and port not in (25, 53, 465, 587, 853)
group by client, sessions.server
union all
select 'in' as leg, sessions.server as host, client as peer, min(port) as port,
       count(distinct conversation) as sessions, sum(server_bytes) as sent,
       sum(client_bytes) as got, sum(client_packets + server_packets) as packets,
       max(sampling) as sampling, min(opened_at) as first_seen, max(closed_at) as last_seen
from sessions left join peers on peers.peer = sessions.client
where inside = 'server' and established and sampling > 1 and protocol = 6
  and peers.peer is null and port not in (25, 53, 80, 443, 465, 587, 853)
group by sessions.server, client

-- step: dealers
select leg, peer, count(*) as hosts, sum(sent) as sent, sum(got) as got, sum(packets) as packets,
       sum(case when packets >= 2 * sampling then 1 else 0 end) as telling,
       max(sampling) as sampling
from exchanged
group by leg, peer
having count(*) >= 2

-- step: takers
-- Who comes and is handed more than it gives, by three hosts that show more than a packet; half as
-- much again, for programs that only tell each other that they are there send as much either way.
-- Whom more than a farm's worth of hosts meets is a crowd's. Whom hosts call and hand something may
-- be their maker: of a make all fetch and hand on in one proportion, by its habit.
select peer, hosts
from dealers
where leg = 'in' and 2 * sent > 3 * got and telling >= 3 and hosts <= 64
  and packets >= 10 * sampling

-- step: met
select takers.peer, exchanged.host
from takers join exchanged on exchanged.leg = 'in' and exchanged.peer = takers.peer

-- step: beside
-- Where two or more of its hosts go, and who else comes to them.
select met.peer, exchanged.leg as other_leg, exchanged.peer as other,
       count(*) as shared, sum(sent) as sent, sum(got) as got
from met join exchanged on exchanged.host = met.host
group by met.peer, exchanged.leg, exchanged.peer
having count(*) >= 2

-- step: everybody
select count(distinct client) as hosts from sessions where inside = 'client' and sampling > 1

-- step: common
-- Of these, whom hardly anybody else deals with: most are its hosts, or twenty times as many as
-- of all hosts. Visitors who bring more than they take fetch nothing.
select beside.peer, other_leg, other, case when beside.sent > beside.got then 1 else 0 end as takes
from beside
join dealers on dealers.leg = beside.other_leg and dealers.peer = beside.other
join takers on takers.peer = beside.peer
cross join everybody
where (2 * shared > dealers.hosts
       or shared >= 3 and shared * everybody.hosts >= 20 * takers.hosts * dealers.hosts)
  and (other_leg = 'to' or beside.sent > beside.got)

-- step: pools
select peer
from common
group by peer
having sum(1 - takes) >= 1

-- step: served
-- What all who come to a port exchange there.
select server as host, port, sum(client_bytes + server_bytes) as octets
from sessions
where inside = 'server' and established and sampling > 1 and protocol = 6
group by server, port

-- step: mailed
select client as host, count(distinct conversation) as sessions, sum(client_bytes) as sent,
       sum(server_bytes) as got, sum(client_packets + server_packets) as packets,
       min(opened_at) as first_seen, max(closed_at) as last_seen
from sessions
where inside = 'client' and sampling > 1 and protocol = 6 and port in (25, 465, 587)
group by client
having count(distinct server) >= 2

-- step: feeders
-- Who gives more than it takes, to three hosts that mail, and hardly to others: few hosts mail.
-- But servers mail, and keep each other company at the ports of the web and of their keepers; and
-- who reads mail writes some.
select leg, peer
from exchanged left join mailed on mailed.host = exchanged.host
group by leg, peer
having count(mailed.host) >= 3 and 2 * count(mailed.host) >= count(*) and count(*) <= 64
   and sum(exchanged.got) > sum(exchanged.sent)
   and sum(exchanged.packets) >= 10 * max(exchanged.sampling)
   and 2 * sum(case when exchanged.port in (22, 80, 110, 143, 443, 993, 995) then 1 else 0 end)
       < count(*)

-- step: fed
select exchanged.*
from feeders join exchanged on exchanged.leg = feeders.leg and exchanged.peer = feeders.peer
join mailed on mailed.host = exchanged.host

-- step: answer
-- Each host of a pool with each place of it that it deals with, the outsider itself among them;
-- of who is fed what it mails, with the outsider, and with all whom it mails to.
select 'in' as leg, met.peer, met.host, other_leg, other, takes, exchanged.port, sessions, sent,
       got, packets, sampling, first_seen, last_seen,
       case when other_leg = 'in' then coalesce(served.octets, 0) else 0 end as served
from pools
join met on met.peer = pools.peer
join common on common.peer = met.peer
join exchanged on exchanged.host = met.host and exchanged.leg = common.other_leg
              and exchanged.peer = common.other
left join served on served.host = exchanged.host and served.port = exchanged.port
union all
select leg, peer, host, leg as other_leg, peer as other, 0 as takes, port, sessions, sent, got,
       packets, sampling, first_seen, last_seen, 0 as served
from fed
union all
select leg, peer, fed.host, 'mail' as other_leg, peer as other, 1 as takes, 25 as port,
       mailed.sessions, mailed.sent, mailed.got, mailed.packets, sampling, mailed.first_seen,
       mailed.last_seen, 0 as served
from fed join mailed on mailed.host = fed.host
order by leg, peer, host, other_leg, other
