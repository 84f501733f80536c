-- What own hosts exchange with outsiders, or networks of outsiders, that several of them call,
-- beside all else they exchange.
--
-- Read   sessions, slices
--        popular    (server): places that a crowd calls
--        side_by_side (server, network): outsiders of one network, to whom sessions last

-- steps: peers.sql

-- step: calls
-- Where every packet was counted, `relay` and `dial_back` see more of what goes on session by
-- session, and `tunnel` of a tunnel whose pieces balance: asked for are those that last. Telephones
-- and games, by datagrams, have one talk in two places at once. Behind places that a crowd calls,
-- to read, gateways hide: asked about is who gives such a place more than it gets, for minutes and
-- longer, and so much that it makes a series by itself.
select client as host, sessions.server as peer,
       sum(client_packets + server_packets) as packets, max(sampling) as sampling,
       sum(client_bytes) as sent, sum(server_bytes) as got,
       max(closed_at - opened_at) as lasted
from sessions
left join popular on popular.server = sessions.server
left join peers on peers.peer = sessions.server
where inside = 'client' and protocol = 6 and peers.peer is null
  and (sampling > 1 or closed_at - opened_at >= 300000000)
  and port not in (25, 53, 465, 587, 853)
group by client, sessions.server
having max(popular.server) is null
    or (sum(client_bytes) > sum(server_bytes) and max(closed_at - opened_at) >= 300000000
        and sum(client_packets + server_packets) >= 20 * max(sampling))

-- step: mailed
-- What a host sent as mail, and what it sent to those who visit it at the web's ports.
select client as host, sum(client_bytes) as octets
from sessions
where inside = 'client' and sampling > 1 and protocol = 6 and port in (25, 465, 587)
group by client

-- step: shown
select server as host, sum(server_bytes) as octets
from sessions
where inside = 'server' and sampling > 1 and protocol = 6 and port in (80, 443)
group by server

-- step: taken
-- Outsiders take from a host, or give what it mails or shows: so much of it at least. Of a session
-- seen whole that lasts nothing is told by less than a heartbeat's twenty octets each second, as of
-- `tunnel`: who is awake makes all he has talk a little.
select calls.host, peer, packets, sampling, sent, got, lasted,
       case when 2 * greatest(coalesce(mailed.octets, 0), coalesce(shown.octets, 0)) >= got
            then 1 else 0 end as passes
from calls
left join mailed on mailed.host = calls.host
left join shown on shown.host = calls.host
where packets >= 2 * sampling
  and (sampling > 1 or (sent > got and 1000000 * sent >= 20 * lasted))

-- step: shared
-- Three hosts that show more than one packet, and enough together to make a series. Where most
-- comes from the outsider, most of the hosts mail or show as much.
select peer
from taken
group by peer
having count(*) >= 3 and sum(packets) >= 20 * max(sampling)
   and (sum(sent) > sum(got) or 2 * sum(passes) >= count(*))

-- step: neighbours
-- Who is called as a gateway is: by a session that lasts.
select host, peer, packets, sampling, network, case when sent >= got then 1 else 0 end as gives
from taken join side_by_side on side_by_side.server = taken.peer
where lasted >= 300000000

-- step: callers
select count(distinct host) as hosts from calls

-- step: farms
-- Each of a farm's hosts may have a gateway of its own, or a new one each hour. No farm is what every
-- fiftieth calls.
select network, count(distinct neighbours.host) as callers
from neighbours cross join callers
group by network, callers.hosts
having count(distinct case when gives = 1 then neighbours.host end) >= 3
   and count(distinct case when gives = 1 then peer end) >= 2
   and sum(gives * packets) >= 20 * max(sampling)
   and (count(distinct neighbours.host) <= 20
        or 50 * count(distinct neighbours.host) <= callers.hosts)

-- step: wide
select host, peer, callers
from neighbours join farms on farms.network = neighbours.network
where gives = 1

-- step: asked
-- 1: for what the outsider exchanges with others, 2: for what its neighbours do, 3: for both.
select host, peer, sum(why) as why, max(callers) as callers
from (select taken.host, taken.peer, 1 as why, 0 as callers
      from taken join shared on shared.peer = taken.peer
      union all
      select host, peer, 2 as why, callers from wide) as both_ways
group by host, peer

-- step: hosts
select distinct host from asked

-- step: gave
-- What each own host has from each outsider, films and all.
select client as host, sessions.server as peer, sum(server_bytes) as octets
from sessions
where inside = 'client'
group by client, sessions.server

-- step: films
select gave.host, max(case when shared.peer is null then octets else 0 end) as film
from gave left join shared on shared.peer = gave.peer
group by gave.host

-- step: everybody
select count(*) as hosts, sum(case when film >= 50000000 then 1 else 0 end) as watching
from films

-- step: told
-- Who has errands done through a session seen whole that lasts has short ones: beside what else
-- lasts, films and other gateways, nothing is told by pieces that exporters cut for all alike.
select 'to' as leg, sessions.client as host, sessions.server as peer, sessions.port,
       client_port, protocol, conversation, 1 as outside, opened_at, started_at, closed_at, sampling,
       client_bytes as sent, server_bytes as got,
       client_packets as sent_packets, server_packets as got_packets,
       coalesce(why, 0) as asked
from sessions
join hosts on hosts.host = sessions.client
left join asked on asked.host = sessions.client and asked.peer = sessions.server
where inside = 'client' and protocol = 6 and sessions.port not in (53, 853)
  and (sampling > 1 or asked.host is not null or closed_at - opened_at < 300000000)
union all
select 'in' as leg, sessions.server as host, sessions.client as peer, sessions.port,
       client_port, protocol, conversation, case when inside = 'both' then 0 else 1 end as outside,
       opened_at, started_at, closed_at, sampling,
       server_bytes as sent, client_bytes as got,
       server_packets as sent_packets, client_packets as got_packets, 0 as asked
from sessions
join hosts on hosts.host = sessions.server
where inside in ('server', 'both') and protocol = 6 and sessions.port <> 25 and sampling > 1

-- steps: pieces.sql

-- step: answer
select leg, pieces.host, pieces.peer, port, client_port, protocol, conversation, outside, lasted,
       sampling, pieces.asked, began_at, ended_at, sent, got, sent_packets, got_packets,
       coalesce(callers, 0) as callers, coalesce(film, 0) as film, hosts, watching
from pieces
left join films on films.host = pieces.host
left join asked on asked.host = pieces.host and asked.peer = pieces.peer and pieces.asked > 0
cross join everybody
order by leg, pieces.host, pieces.peer, port, conversation, began_at, ended_at
