-- Sessions as a tool would orient them that knows only ports: the lower one is the server's.
--
-- Read   sessions

-- step: answer
select conversation, opened_at, started_at, closed_at,
       case when port > client_port then server else client end as client,
       case when port > client_port then client else server end as server,
       least(port, client_port) as port, greatest(port, client_port) as client_port, protocol,
       case when port > client_port then server_packets else client_packets end as client_packets,
       case when port > client_port then server_bytes else client_bytes end as client_bytes,
       case when port > client_port then client_packets else server_packets end as server_packets,
       case when port > client_port then client_bytes else server_bytes end as server_bytes,
       case when port > client_port then server_flags else client_flags end as client_flags,
       case when port > client_port then client_flags else server_flags end as server_flags,
       established,
       case when port > client_port and inside = 'client' then 'server'
            when port > client_port and inside = 'server' then 'client'
            else inside end as inside,
       'port' as oriented_by, sampling, exporter
from sessions
