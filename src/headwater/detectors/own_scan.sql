-- Own hosts that try many doors in vain: one port of many servers, or many ports of one.
--
-- Read   sessions
--
-- Mail ports are left out: who knocks there wants to deliver, and `direct_sender` judges that. So
-- are datagrams to traceroute's ports (IANA: 33434; one more for each hop): meant for shut doors.

-- step: vain
-- A SYN that brought no SYN+ACK, a datagram that brought nothing. What floods with own addresses
-- as spoofed sources bring back has no packet of ours.
select client as host, server, protocol, port,
       min(started_at) as first_at, max(closed_at) as last_at,
       sum(client_bytes + server_bytes) as bytes,
       max(case when client_flags is null then 1 else 0 end) as deaf,
       max(sampling) as sampling
from sessions
where inside in ('client', 'both') and client_packets > 0 and port not in (25, 465, 587)
  and ((protocol = 6 and (client_flags & 18) = 2 and (coalesce(server_flags, 0) & 18) <> 18)
       or (protocol = 6 and client_flags is null and sampling = 1 and not established)
       or (protocol = 17 and server_packets = 0 and port not between 33434 and 33534))
group by client, server, protocol, port

-- step: tried
-- Sixteen failures are the fewest that convince (own_scan.py).
select host, protocol, port from vain group by host, protocol, port having count(*) >= 16

-- step: callers
select distinct host from tried

-- step: wanted
select distinct vain.server, vain.protocol, vain.port
from vain
join tried on tried.host = vain.host and tried.protocol = vain.protocol and tried.port = vain.port

-- step: real
-- Of the doors tried in vain, those that open for somebody: the caller knows where it goes, and
-- only its own way there is broken (IPv6 without a route, a firewall, an hour without uplink).
select distinct opened.server, opened.protocol, opened.port
from (
    select sessions.server, protocol, port
    from sessions
    join (select distinct server from wanted) as servers on servers.server = sessions.server
    where inside in ('client', 'both')
      and ((protocol = 6 and (established or (coalesce(server_flags, 0) & 18) = 18))
           or (protocol = 17 and server_packets > 0))
) as opened
join wanted on wanted.server = opened.server and wanted.protocol = opened.protocol
           and wanted.port = opened.port

-- step: met
-- All that those callers met: on the port in question, and beside it.
select sessions.client as host, sessions.server, sessions.protocol, sessions.port,
       sum(client_bytes + server_bytes) as bytes,
       max(case when server_packets > 0 and client_packets > 0 then 1 else 0 end) as mutual,
       max(case when (sessions.protocol = 6 and (established or (coalesce(server_flags, 0) & 18) = 18))
                  or (sessions.protocol = 17 and server_packets > 0) then 1 else 0 end) as opened
from sessions join callers on callers.host = sessions.client
where inside in ('client', 'both') and sessions.protocol in (6, 17)
group by sessions.client, sessions.server, sessions.protocol, sessions.port

-- step: services
select host, protocol, port, count(*) as servers, sum(opened) as opened, sum(mutual) as mutual,
       sum(bytes) as bytes
from met
group by host, protocol, port

-- step: habits
-- Beside mail and names: how many high ports it calls, how many doors there, how many open.
select host, sum(mutual) as heard,
       sum(case when port >= 1024 then 1 else 0 end) as high_ports,
       sum(case when port >= 1024 then servers else 0 end) as high_servers,
       sum(case when port >= 1024 then opened else 0 end) as high_opened
from services
group by host

-- step: failures
select vain.host, vain.protocol, vain.port,
       sum(case when met.opened = 0 and real.server is null then 1 else 0 end) as failed,
       sum(case when met.opened = 0 and real.server is not null then 1 else 0 end) as real,
       min(first_at) as first_at, max(last_at) as last_at,
       max(deaf) as deaf, max(sampling) as sampling
from vain
join tried on tried.host = vain.host and tried.protocol = vain.protocol and tried.port = vain.port
join met on met.host = vain.host and met.server = vain.server and met.protocol = vain.protocol
        and met.port = vain.port
left join real on real.server = vain.server and real.protocol = vain.protocol
              and real.port = vain.port
group by vain.host, vain.protocol, vain.port

-- step: ports
-- Many ports of one server. Datagrams are left out: traces of routes and calls through NAT do so.
select host, server, count(*) as failed, min(first_at) as first_at, max(last_at) as last_at,
       max(deaf) as deaf, max(sampling) as sampling, sum(bytes) as bytes
from vain
where protocol = 6
group by host, server
having count(*) >= 50

-- step: ports_opened
select ports.host, ports.server, count(distinct sessions.port) as opened
from ports join sessions on sessions.client = ports.host and sessions.server = ports.server
where protocol = 6 and (established or (coalesce(server_flags, 0) & 18) = 18)
group by ports.host, ports.server

-- step: answer
select failures.host, nullif(failures.host, failures.host) as server, failures.protocol, failures.port,
       failed, services.opened + real as opened, services.bytes, first_at, last_at, deaf, sampling,
       heard - mutual as heard, high_ports, high_servers, high_opened,
       servers as port_servers, services.opened as port_opened
from failures
join services on services.host = failures.host and services.protocol = failures.protocol
             and services.port = failures.port
join habits on habits.host = failures.host
union all
select ports.host, ports.server, 6 as protocol, cast(null as int) as port,
       failed, coalesce(opened, 0) as opened, bytes, first_at, last_at, deaf, sampling,
       0 as heard, 0 as high_ports, 0 as high_servers, 0 as high_opened,
       0 as port_servers, 0 as port_opened
from ports left join ports_opened
  on ports_opened.host = ports.host and ports_opened.server = ports.server
order by host, failed desc, protocol, port, server
