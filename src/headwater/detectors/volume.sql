-- What flows in and out of own hosts, piece by piece, where what came in may have left again.
--
-- Read   sessions, slices
--        popular    (server): places that a crowd calls

-- step: mailers
select client as host
from sessions
where inside = 'client' and port in (25, 465, 587)
group by client
having min(server) < max(server)

-- step: services
-- What a host exchanged with the visitors of each of its ports; who hands mail in is another
-- detector's business. Where every packet was counted, `relay` sees what leaves at once, and
-- what waits is mail. What has no ports (ESP, GRE) joins networks, and was set up at both ends.
select server as host, port, count(*) as visits,
       sum(server_bytes) as sent, sum(client_bytes) as got,
       sum(server_packets) as sent_packets, sum(client_packets) as got_packets,
       max(sampling) as sampling,
       case when min(client) < max(client) then 1 else 0 end as several
from sessions
left join mailers on mailers.host = sessions.server
where inside in ('server', 'both') and port not in (0, 25, 53, 123, 465, 587, 853)
  and (sampling > 1 or (established and mailers.host is not null))
group by server, port

-- step: calls
-- What it exchanged with each outsider to whom it opens sessions. Where every packet was
-- counted, `tunnel` and `dial_back` see more of that, but for what lasts and is seen one way
-- only; names and clocks accompany everything and tie nothing; mail is what is passed on, not
-- what brings it. Datagrams that leave from a port on which the host is visited answer a visitor.
select sessions.client as host, sessions.server as peer,
       sum(client_bytes) as sent, sum(server_bytes) as got,
       sum(client_packets) as sent_packets, sum(server_packets) as got_packets,
       max(sessions.sampling) as sampling
from sessions
left join services
  on services.host = sessions.client and services.port = sessions.client_port and several = 1
where inside = 'client' and services.host is null
  and sessions.port not in (25, 53, 123, 465, 587, 853)
group by sessions.client, sessions.server
having max(sessions.sampling) > 1
    or (least(sum(client_packets), sum(server_packets)) = 0
        and max(case when protocol = 6 then closed_at - opened_at else 0 end) >= 300000000)

-- step: outward
select client as host, sum(client_bytes) as sent, sum(server_bytes) as got
from sessions
where inside = 'client' and port not in (53, 123, 853)
group by client

-- step: asked
-- Fewer than twenty packets make no series. What came in must have left: at least half of it,
-- for a few sampled packets tell amounts no better. Where every packet was counted, a dozen
-- visits that carry more than greetings are asked for.
select 'in' as leg, services.host, nullif(services.host, services.host) as peer, port
from services join outward on outward.host = services.host
where services.sent_packets + services.got_packets >= 20 * sampling
  and services.sent_packets >= 2 * sampling and services.got_packets >= 2 * sampling
  and 2 * outward.sent >= services.got and 2 * outward.got >= services.sent
  and (sampling > 1 or (visits >= 12 and services.got + services.sent >= 1000 * visits))
union all
select 'to' as leg, calls.host, calls.peer, 0 as port
from calls join outward on outward.host = calls.host
left join popular on popular.server = calls.peer
where popular.server is null
  and calls.sent_packets + calls.got_packets >= 20 * sampling
  and (sampling = 1 or least(calls.sent_packets, calls.got_packets) >= 2 * sampling)
  and 2 * (outward.sent - calls.sent) >= calls.got
  and 2 * (outward.got - calls.got) >= calls.sent

-- step: hosts
select distinct host from asked

-- step: told
-- Everything these hosts opened, and the visits asked about.
select 'to' as leg, sessions.client as host, sessions.server as peer, sessions.port,
       client_port, protocol, conversation, 1 as outside, opened_at, started_at, closed_at, sampling,
       client_bytes as sent, server_bytes as got,
       client_packets as sent_packets, server_packets as got_packets,
       case when asked.host is null then 0 else 1 end as asked
from sessions
join hosts on hosts.host = sessions.client
left join asked on asked.leg = 'to' and asked.host = sessions.client
               and asked.peer = sessions.server
where inside = 'client' and sessions.port not in (53, 123, 853)
union all
select 'in' as leg, sessions.server as host, sessions.client as peer, sessions.port,
       client_port, protocol, conversation, case when inside = 'both' then 0 else 1 end as outside,
       opened_at, started_at, closed_at, sampling,
       server_bytes as sent, client_bytes as got,
       server_packets as sent_packets, client_packets as got_packets, 1 as asked
from sessions
join asked on asked.leg = 'in' and asked.host = sessions.server and asked.port = sessions.port
where inside in ('server', 'both') and (established or sampling > 1)

-- steps: pieces.sql

-- step: answer
select * from pieces
order by leg, host, peer, port, conversation, began_at, ended_at
