-- Outsiders with whom own hosts deal as equals: each opens sessions to the other, at one port. So
-- do servers that form a network of their own: of mail, of chat, of a social network that nobody
-- owns. All of these meet the same others, and what one tells them they pass on or look up at once.
-- Who drives a proxy is not called back at the port at which it came, nor does a master visit.
--
-- Read   sessions

-- step: visitors_at
-- Twice, each way: who tries an address comes once.
select client as peer, port
from sessions
where inside = 'server' and established and protocol = 6
group by client, port
having count(distinct conversation) >= 2

-- step: equals
select sessions.server as peer
from sessions
join visitors_at on visitors_at.peer = sessions.server and visitors_at.port = sessions.port
where inside = 'client' and established and protocol = 6
group by sessions.server, sessions.port
having count(distinct conversation) >= 2

-- step: peers
select distinct peer from equals
