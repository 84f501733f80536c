-- What outsiders exchange with several own hosts by sessions that last, beside all that these
-- hosts open to others.
--
-- Read   sessions, slices

-- step: visits
-- Mail is brought to everyone; names and clocks tie nothing; by datagrams one talks and plays
-- with many.
select conversation, server as host, client as peer,
       max(closed_at) - min(opened_at) as lasted,
       sum(client_packets + server_packets) as packets, max(sampling) as sampling
from sessions
where inside = 'server' and protocol = 6 and port not in (25, 53, 465, 587, 853)
group by conversation, server, client

-- step: lasting
select host, peer, sum(packets) as packets, max(sampling) as sampling
from visits
where lasted >= 300000000 and packets >= 2 * sampling
group by host, peer

-- step: crowds
select host, count(*) as crowd
from lasting
group by host

-- step: asked
select lasting.host, lasting.peer, crowd
from lasting
join crowds on crowds.host = lasting.host

-- step: hosts
select distinct host from asked

-- step: told
select 'to' as leg, sessions.client as host, sessions.server as peer, sessions.port,
       client_port, protocol, conversation, 1 as outside, opened_at, started_at, closed_at, sampling,
       client_bytes as sent, server_bytes as got,
       client_packets as sent_packets, server_packets as got_packets, 0 as asked
from sessions
join hosts on hosts.host = sessions.client
where inside = 'client' and protocol = 6 and sessions.port not in (53, 853)
union all
select 'in' as leg, sessions.server as host, sessions.client as peer, sessions.port,
       client_port, protocol, conversation, 1 as outside, opened_at, started_at, closed_at, sampling,
       server_bytes as sent, client_bytes as got,
       server_packets as sent_packets, client_packets as got_packets, crowd as asked
from sessions
join asked on asked.host = sessions.server and asked.peer = sessions.client
where inside = 'server' and protocol = 6 and sessions.port not in (25, 53, 465, 587, 853)

-- step: long
select * from told where closed_at - started_at > 30000000

-- step: sliced
-- A long session's packets are spread over its pieces as its octets are.
select leg, host, peer, port, client_port, protocol, long.conversation, outside, opened_at, closed_at, sampling, asked,
       sliced_at as began_at, slices.ended_at,
       case when leg = 'to' then client_bytes else server_bytes end as sent,
       case when leg = 'to' then server_bytes else client_bytes end as got,
       case when leg = 'to' then client_bytes else server_bytes end
           * (sent_packets / greatest(sent, 1.0)) as sent_packets,
       case when leg = 'to' then server_bytes else client_bytes end
           * (got_packets / greatest(got, 1.0)) as got_packets
from long join slices
  on slices.conversation = long.conversation
 and slices.sliced_at >= long.started_at and slices.sliced_at <= long.closed_at

-- step: answer
select leg, host, peer, port, client_port, protocol, conversation, outside,
       closed_at - opened_at as lasted, sampling, asked, began_at, ended_at, sent, got, sent_packets, got_packets
from sliced
union all
select told.leg, told.host, told.peer, told.port, told.client_port, told.protocol,
       told.conversation, told.outside,
       told.closed_at - told.opened_at as lasted, told.sampling, told.asked,
       told.started_at as began_at, told.closed_at as ended_at, told.sent, told.got,
       cast(told.sent_packets as double) as sent_packets,
       cast(told.got_packets as double) as got_packets
from told
left join (select distinct conversation from sliced) as cut
  on cut.conversation = told.conversation and told.closed_at - told.started_at > 30000000
where cut.conversation is null
order by leg, host, peer, port, conversation, began_at, ended_at
