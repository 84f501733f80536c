-- Outside sources that reached a suspect, with every own host they tried or reached.
--
-- Read   sessions
--        suspects   (host, port, confidence, relays): what `hijacked` says so far; port:
--                   where the host relays, null where that is not known
--        mailed_for (client, host, port): for whom mail is passed on from which port of a host

-- steps: peers.sql

-- step: ongoing
-- A conversation has a row for each hour it goes on.
select conversation from sessions
where inside = 'server' and opened_at < started_at
group by conversation

-- step: again
-- The rows in which it is met again: it counts once.
select conversation, started_at
from (
    select sessions.conversation, started_at,
           row_number() over (partition by sessions.conversation order by started_at) as place
    from sessions join ongoing on ongoing.conversation = sessions.conversation
    where inside = 'server' and established
) as ordered
where place > 1

-- step: called
-- A few sampled packets of the middle do not tell who began: of two high ports the lower is taken
-- for the service's. But who speaks to several hosts from one port, and to each at another, is
-- the server of all.
select client as source, min(client_port) as port
from sessions
where inside = 'server' and sampling > 1 and oriented_by = 'guess'
group by client
having min(client_port) = max(client_port) and min(server) < max(server) and min(port) < max(port)

-- step: visiting
-- And who is spoken to from one port of several hosts, at ever other ports, visits them all.
select server as source, min(client_port) as port
from sessions
where inside = 'client' and sampling > 1 and oriented_by = 'guess'
group by server
having min(client_port) = max(client_port) and min(client) < max(client) and min(port) < max(port)

-- step: tries
-- A knock has hardly any octets. Where only a few packets are seen, and no flags, one cannot tell
-- who was let in: what is seen counts.
select client as source, server as host,
       case when sessions.port = 25 then 1 else 0 end as mail,
       sum(case when established and again.conversation is null then 1 else 0 end) as reached,
       sum(case when established or (sampling > 1 and client_flags is null and server_flags is null)
                then client_bytes + server_bytes else 0 end) as bytes,
       sum(client_bytes) as up_bytes,
       sum(case when established then closed_at - sessions.started_at else 0 end) as held_us,
       min(opened_at) as first_seen, max(closed_at) as last_seen, max(sampling) as sampling,
       max(case when not established and (coalesce(server_flags, 0) & 4) = 4 then 1 else 0 end)
       as refused
from sessions
left join again
  on again.conversation = sessions.conversation and again.started_at = sessions.started_at
left join called
  on called.source = sessions.client and called.port = sessions.client_port
 and sessions.oriented_by = 'guess'
left join peers on peers.peer = sessions.client
where inside = 'server' and called.source is null and peers.peer is null
group by client, server, case when sessions.port = 25 then 1 else 0 end

-- step: spoken_to
-- Turned round, a session is as much of one as it was answered: a lone RST refuses a knock.
select sessions.*,
       established and ((client_flags is null and server_flags is null)
                        or (coalesce(server_flags, 0) & 16) = 16
                        or (coalesce(client_flags, 0) & 24) = 24) as answered
from sessions
join visiting on visiting.source = sessions.server and visiting.port = sessions.client_port
where inside = 'client' and oriented_by = 'guess'

-- step: turned
select server as source, client as host,
       count(distinct case when answered then conversation end) as reached,
       sum(case when answered then client_bytes + server_bytes else 0 end) as bytes,
       sum(server_bytes) as up_bytes,
       sum(case when answered then closed_at - started_at else 0 end) as held_us,
       min(opened_at) as first_seen, max(closed_at) as last_seen,
       max(spoken_to.sampling) as sampling,
       max(case when not answered and (coalesce(client_flags, 0) & 4) = 4 then 1 else 0 end)
       as refused
from spoken_to
left join tries on tries.source = spoken_to.server and tries.host = spoken_to.client
where tries.source is null
group by server, client

-- step: mail_relays
-- Mail is delivered to everyone: it counts only where the suspect relays mail itself.
select host from suspects where port = 25

-- step: with_mail
select source, tries.host, sum(reached) as reached, sum(bytes) as bytes,
       sum(up_bytes) as up_bytes, sum(held_us) as held_us, min(first_seen) as first_seen,
       max(last_seen) as last_seen, max(sampling) as sampling, max(refused) as refused
from tries join mail_relays on mail_relays.host = tries.host
group by source, tries.host

-- step: tried
-- Of every pair what tells whether they met; the rest is looked up of a few sources below.
select source, tries.host, reached, refused, sampling, bytes
from tries left join mail_relays on mail_relays.host = tries.host
where mail = 0 and mail_relays.host is null
union all
select source, turned.host, reached, refused, sampling, bytes
from turned left join mail_relays on mail_relays.host = turned.host
where mail_relays.host is null
union all
select source, host, reached, refused, sampling, bytes
from with_mail

-- step: answered
-- Whom most doors open to, of those it tried.
select source from tried
group by source
having 2 * sum(case when reached > 0 then 1 else 0 end) >= count(*)

-- step: visits
-- Where only a few packets are seen, one that knocks and none that follow is no closed door: who
-- is let in elsewhere was let in here as well.
select tried.source, tried.host, bytes,
       case when reached > 0 then 1
            when sampling > 1 and refused = 0 and answered.source is not null then 1
            else 0 end as met
from tried left join answered on answered.source = tried.source

-- step: on_port
-- Of those, the sessions on the very port where the suspect relays.
select client as source, server as host, count(distinct conversation) as on_relay_port
from sessions join suspects on suspects.host = sessions.server and suspects.port = sessions.port
where inside = 'server' and established
group by client, server

-- step: relay_ports
-- Where several suspects relay: one malware often listens at one port. Web and mail are
-- served by everybody.
select port, count(*) as sick
from suspects
where port not in (25, 80, 443) and (relays or confidence >= 0.3)
group by port
having count(*) >= 2

-- step: served
select distinct client as source, server as host, sessions.port
from sessions join relay_ports on relay_ports.port = sessions.port
where inside = 'server' and established

-- step: serving
select port, count(distinct host) as hosts from served group by port

-- step: users
-- Who uses several suspects' relays at one port.
select served.source, served.port
from served join suspects on suspects.host = served.host and suspects.port = served.port
group by served.source, served.port
having count(*) >= 2

-- step: fellows
-- Where these are served at that port as well: how many of all who serve there relay.
select served.source, served.host, max(cast(sick as double) / serving.hosts) as fellow
from served
join users on users.source = served.source and users.port = served.port
join relay_ports on relay_ports.port = served.port
join serving on serving.port = served.port
group by served.source, served.host

-- step: hosts
select count(distinct visits.host) as hosts,
       count(distinct case when relays or confidence >= 0.3 then suspects.host end) as suspects,
       count(*) as visits
from visits left join suspects on suspects.host = visits.host
where met = 1

-- step: sources
-- How many sources there are to choose from: the number of questions asked.
select count(distinct source) as sources from visits where met = 1

-- step: close_sources
select distinct visits.source
from visits join suspects on suspects.host = visits.host
where met = 1

-- step: load
-- What each host received in all, to tell who matters to it; and from how many.
select host, sum(bytes) as received, sum(met) as visitors
from visits
group by host

-- step: near
-- Of those sources everything.
select tries.source, tries.host, reached, bytes, up_bytes, held_us, first_seen, last_seen,
       sampling, refused
from tries
join close_sources on close_sources.source = tries.source
left join mail_relays on mail_relays.host = tries.host
where mail = 0 and mail_relays.host is null
union all
select turned.source, turned.host, reached, bytes, up_bytes, held_us, first_seen, last_seen,
       sampling, refused
from turned
join close_sources on close_sources.source = turned.source
left join mail_relays on mail_relays.host = turned.host
where mail_relays.host is null
union all
select with_mail.source, with_mail.host, reached, bytes, up_bytes, held_us, first_seen, last_seen,
       sampling, refused
from with_mail join close_sources on close_sources.source = with_mail.source

-- step: answer
select near.source, near.host,
       case when reached > 0 then 1
            when near.sampling > 1 and refused = 0 and answered.source is not null then 1
            else 0 end as met,
       near.reached, near.bytes, near.up_bytes,
       near.held_us, near.first_seen, near.last_seen, near.sampling,
       suspects.confidence, suspects.relays, suspects.port, coalesce(on_relay_port, 0) as on_relay_port,
       coalesce(received, 0) as received, coalesce(visitors, 0) as visitors,
       coalesce(fellow, 0.0) as fellow,
       case when mailed_for.client is null then 0 else 1 end as mailed,
       hosts.hosts, hosts.suspects, hosts.visits, sources.sources
from near
left join answered on answered.source = near.source
left join suspects on suspects.host = near.host
left join on_port on on_port.source = near.source and on_port.host = near.host
left join mailed_for
  on mailed_for.client = near.source and mailed_for.host = near.host
 and mailed_for.port = suspects.port
left join load on load.host = near.host
left join fellows on fellows.source = near.source and fellows.host = near.host
cross join hosts
cross join sources
order by source, host
