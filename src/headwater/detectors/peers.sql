-- Outsiders with whom own hosts deal as equals: each opens sessions to the other, at one port. So
-- do servers that form a network of their own: of mail, of chat, of a social network that nobody
-- owns. All of these meet the same others, and what one tells them they pass on or look up at once.
-- Who drives a proxy is not called back at the port at which it came, nor does a master visit.
--
-- Read   sessions

-- step: visitors_at
select client as peer, server as host, port, count(distinct conversation) as visits
from sessions
where inside = 'server' and established and protocol = 6
group by client, server, port

-- step: both_ways
-- The very host that was visited calls: another's call to the web's port is no answer to a visit
-- at that port.
select sessions.server as peer, sessions.port, client as host,
       count(distinct conversation) as calls, max(visits) as visits
from sessions
join visitors_at on visitors_at.peer = sessions.server and visitors_at.host = sessions.client
                and visitors_at.port = sessions.port
where inside = 'client' and established and protocol = 6
group by sessions.server, sessions.port, client

-- step: peers
-- Twice, each way: who tries an address comes once.
select distinct peer
from (select peer, port from both_ways group by peer, port
      having sum(calls) >= 2 and sum(visits) >= 2) as equals
