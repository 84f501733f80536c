-- What own hosts fetch from outsiders that several of them call, beside what they show visitors.
--
-- Read   sessions
--        popular    (server): places that a crowd calls

-- steps: peers.sql

-- step: servers
select distinct server from sessions where inside = 'client' and protocol = 6

-- step: shown
-- Three visitors make a site of a host: of those who scan sampling shows few twice, and where
-- every packet was counted it is seen that they got no answer. Readers are no servers: if half of
-- those who come are called by own hosts, a service's machines call and are called back. By custom
-- sites are at 8443, too, as behind Apache Tomcat; 8080 is a proxy's as often.
select sessions.server as host, count(distinct client) as visitors, min(opened_at) as first_visit,
       sum(server_bytes) as shown, sum(client_packets + server_packets) as shown_packets,
       case when 2 * sum(case when port = 80 then server_bytes else 0 end) >= sum(server_bytes) then 80
            when 2 * sum(case when port = 443 then server_bytes else 0 end) >= sum(server_bytes) then 443
            else 8443 end as port
from sessions
left join servers on servers.server = sessions.client
where inside = 'server' and protocol = 6 and port in (80, 443, 8443)
  and (sampling > 1 or established)
group by sessions.server
having count(distinct client) >= 3
   and 2 * count(distinct servers.server) < count(distinct client)

-- step: shared
-- Outsiders whom two visited hosts call, but those everybody calls: few are left to be looked at.
select sessions.server as peer
from sessions
join shown on shown.host = sessions.client
left join popular on popular.server = sessions.server
left join peers on peers.peer = sessions.server
where inside = 'client' and protocol = 6 and sessions.port not in (25, 53, 465, 587, 853)
  and popular.server is null and peers.peer is null
group by sessions.server
having count(distinct sessions.client) >= 2

-- step: calls
select client as host, server as peer, max(sampling) as sampling, count(*) as sessions,
       sum(client_bytes) as sent, sum(server_bytes) as fetched,
       sum(client_packets + server_packets) as packets,
       min(opened_at) as first_seen, max(closed_at) as last_seen
from sessions
join shared on shared.peer = sessions.server
where inside = 'client' and protocol = 6 and port not in (25, 53, 465, 587, 853)
group by client, server

-- step: called
-- Those whom hardly anybody else calls. Who is given more than it gives keeps what others store
-- there.
select calls.peer, count(*) as callers
from calls
left join shown on shown.host = calls.host
group by calls.peer
having count(shown.host) >= 2 and 2 * count(shown.host) >= count(*)
   and sum(fetched) >= sum(sent)

-- step: fronts
select calls.host, calls.peer, max(callers) as callers
from calls
join called on called.peer = calls.peer
join shown on shown.host = calls.host
group by calls.host, calls.peer

-- step: fetched_all
select client as host, sum(server_bytes) as octets
from sessions
where inside = 'client'
group by client

-- step: got
-- What each host that may watch films has from each outsider.
select client as host, sessions.server as peer, sum(server_bytes) as octets
from sessions
join fetched_all on fetched_all.host = sessions.client
where inside = 'client' and octets >= 50000000
group by client, sessions.server

-- step: most
select host, max(octets) as octets from got group by host

-- step: everybody
select count(*) as hosts, sum(case when most.octets >= 50000000 then 1 else 0 end) as watching
from fetched_all left join most on most.host = fetched_all.host

-- step: films
-- What the outsider itself gives is no film of the host's.
select fronts.host, fronts.peer, max(got.octets) as film
from fronts join got on got.host = fronts.host and got.peer <> fronts.peer
group by fronts.host, fronts.peer

-- step: sites
select count(*) as sites from shown

-- step: answer
select fronts.host, fronts.peer, calls.sampling, calls.sessions, fetched, calls.packets,
       first_seen, last_seen, fronts.callers, shown, shown_packets, port, visitors, first_visit,
       coalesce(film, 0) as film, hosts, watching, sites
from fronts
join calls on calls.host = fronts.host and calls.peer = fronts.peer
join shown on shown.host = fronts.host
left join films on films.host = fronts.host and films.peer = fronts.peer
cross join everybody
cross join sites
order by fronts.peer, fronts.host
