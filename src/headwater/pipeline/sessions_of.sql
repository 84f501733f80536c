-- All sessions of some own hosts, but for what no detector asks of single hosts.
--
-- Read   sessions
--        hosts      (host)

-- step: answer
-- What goes on between two of them comes once.
select conversation, opened_at, started_at, closed_at, client, server, port, client_port,
       protocol, client_packets, client_bytes, server_packets, server_bytes, established, inside,
       oriented_by, sampling
from sessions join hosts on hosts.host = sessions.client
where inside in ('client', 'both')
union all
select conversation, opened_at, started_at, closed_at, client, server, port, client_port,
       protocol, client_packets, client_bytes, server_packets, server_bytes, established, inside,
       oriented_by, sampling
from sessions join hosts on hosts.host = sessions.server
left join hosts as ours on ours.host = sessions.client
where inside in ('server', 'both') and ours.host is null
