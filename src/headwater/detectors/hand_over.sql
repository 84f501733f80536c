-- Own hosts that hand one outsider more than they get there, call after call, beside all else
-- they open; and such as mail, beside those who give them more than they get.
--
-- Read   sessions
--        popular    (server): places that a crowd calls

-- steps: peers.sql

-- step: halves
-- Hosts of which records show one direction of many sessions alone, though every packet was
-- counted: a fourth of what it opens at least. Of a few the answer was lost, or never came.
select client as host
from sessions
where inside = 'client' and sampling = 1 and protocol = 6 and established
group by client
having sum(case when client_packets = 0 or server_packets = 0 then 1 else 0 end) >= 6
   and 4 * sum(case when client_packets = 0 or server_packets = 0 then 1 else 0 end) >= count(*)

-- step: opened
-- Of sessions that are seen whole `dial_back` sees more.
select client as host, server as peer, port, conversation,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets,
       max(sampling) as sampling
from sessions left join halves on halves.host = sessions.client
where inside = 'client' and protocol = 6 and port not in (25, 53, 465, 587, 853)
  and (sampling > 1 or (established and halves.host is not null))
group by client, server, port, conversation

-- step: pairs
-- Contents go up: more octets, or, of whom one direction is seen, packets up that are half full
-- at least (of 1,460 octets), or small ones down, which answer such.
select opened.host, opened.peer, port
from opened left join popular on popular.server = opened.peer
left join peers on peers.peer = opened.peer
where popular.server is null and peers.peer is null
group by opened.host, opened.peer, port
having count(*) >= 6
   and (sum(up_bytes) > sum(down_bytes)
        and (sum(down_packets) > 0 or sum(up_bytes) >= 700 * sum(up_packets))
        or max(sampling) = 1 and sum(up_packets) = 0
        and sum(down_bytes) < 300 * sum(down_packets))

-- step: mailed
-- All that leaves as mail, where packets were sampled.
select client as host, server as peer, port, conversation,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets,
       max(sampling) as sampling
from sessions
where inside = 'client' and protocol = 6 and port in (25, 465, 587) and sampling > 1
group by client, server, port, conversation

-- step: mailers
-- To three servers: mail programs at home meet fewer. And with messages, which a hello to encrypt and
-- acknowledgements are not: who asks servers whether they are up asks several at once.
select host
from mailed
group by host
having count(distinct peer) >= 3 and count(*) >= 4 and sum(up_bytes) >= 140 * sum(up_packets)

-- step: givers
select opened.host, opened.peer, port
from opened
join mailers on mailers.host = opened.host
left join popular on popular.server = opened.peer
left join peers on peers.peer = opened.peer
where popular.server is null and peers.peer is null and sampling > 1
group by opened.host, opened.peer, port
having count(*) >= 6 and sum(down_bytes) > sum(up_bytes)

-- step: answer
-- Of mail what comes down goes up: so that both are told alike, its two ways are turned round.
select 'to' as leg, opened.host, opened.port, opened.peer, opened_at, closed_at,
       up_bytes, up_packets, down_bytes, down_packets, sampling, 0 as mail
from opened
join pairs on pairs.host = opened.host and pairs.peer = opened.peer
          and pairs.port = opened.port
union all
select 'on' as leg, opened.host, opened.port, opened.peer, opened_at, closed_at,
       up_bytes, up_packets, down_bytes, down_packets, sampling, 0 as mail
from opened join (select distinct host from pairs) as hosts on hosts.host = opened.host
union all
select 'to' as leg, opened.host, opened.port, opened.peer, opened_at, closed_at,
       down_bytes as up_bytes, down_packets as up_packets, up_bytes as down_bytes,
       up_packets as down_packets, sampling, 1 as mail
from opened
join givers on givers.host = opened.host and givers.peer = opened.peer
           and givers.port = opened.port
union all
select 'on' as leg, mailed.host, mailed.port, mailed.peer, opened_at, closed_at,
       down_bytes as up_bytes, down_packets as up_packets, up_bytes as down_bytes,
       up_packets as down_packets, sampling, 1 as mail
from mailed join (select distinct host from givers) as hosts on hosts.host = mailed.host
order by mail, host, peer, port, opened_at, leg, up_bytes, down_bytes
