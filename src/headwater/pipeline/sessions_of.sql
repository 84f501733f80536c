-- All sessions of some own hosts, but for what no detector asks of single hosts.
--
-- Read   sessions
--        hosts      (host)

-- step: answer
select conversation, opened_at, started_at, closed_at, client, server, port, client_port,
       protocol, client_packets, client_bytes, server_packets, server_bytes, established, inside,
       oriented_by, sampling
from sessions
left join hosts as ours on ours.host = sessions.client
left join hosts as theirs on theirs.host = sessions.server
where ours.host is not null or theirs.host is not null
