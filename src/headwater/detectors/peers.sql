-- Outsiders with whom own hosts deal as equals: each opens sessions to the other, at one port. So
-- do servers that form a network of their own: of mail, of chat, of a social network that nobody
-- owns. All of these meet the same others, and what one tells them they pass on or look up at once.
-- Who drives a proxy is not called back at the port at which it came, nor does a master visit.
--
-- Read   sessions

-- shared step: visitors_at
select client as peer, server as host, port, count(distinct conversation) as visits
from sessions
where inside = 'server' and established and protocol = 6
group by client, server, port

-- shared step: called_back
select sessions.server as peer, client as host, sessions.port,
       count(distinct conversation) as calls
from sessions
join (select distinct peer, port from visitors_at) as visited
  on visited.peer = sessions.server and visited.port = sessions.port
where inside = 'client' and established and protocol = 6
group by sessions.server, client, sessions.port

-- shared step: both_ways
-- At the web's ports the very host that was visited calls: another's call there is no answer.
select called_back.peer, called_back.port, sum(calls) as calls, sum(visits) as visits
from called_back
join visitors_at on visitors_at.peer = called_back.peer and visitors_at.port = called_back.port
                and visitors_at.host = called_back.host
where called_back.port in (80, 443)
group by called_back.peer, called_back.port
union all
select calls.peer, calls.port, calls, visits
from (select peer, port, sum(calls) as calls from called_back group by peer, port) as calls
join (select peer, port, sum(visits) as visits from visitors_at group by peer, port) as came
  on came.peer = calls.peer and came.port = calls.port
where calls.port not in (80, 443)

-- shared step: peers
-- Twice, each way: who tries an address comes once.
select distinct peer from both_ways where calls >= 2 and visits >= 2
