-- What outsiders exchange with several own hosts by sessions that last, beside all that these
-- hosts open to others.
--
-- Read   sessions, slices

-- step: long_visits
-- A session's rows, one for each hour, all tell when it was opened: the last tells how long
-- it was, and few are long enough.
select distinct conversation
from sessions
where inside = 'server' and protocol = 6 and closed_at - opened_at >= 300000000

-- step: visits
-- Mail is brought to everyone; names and clocks tie nothing; by datagrams one talks and plays
-- with many.
select sessions.conversation, server as host, client as peer,
       max(closed_at) - min(opened_at) as lasted,
       sum(client_packets + server_packets) as packets, max(sampling) as sampling
from sessions join long_visits on long_visits.conversation = sessions.conversation
where inside = 'server' and protocol = 6 and port not in (25, 53, 465, 587, 853)
group by sessions.conversation, server, client

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

-- steps: pieces.sql

-- step: answer
select * from pieces
order by leg, host, peer, port, conversation, began_at, ended_at
