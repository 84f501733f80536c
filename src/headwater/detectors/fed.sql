-- Own hosts that send mail out, to whom outsiders that drive others hand mail.
--
-- Read   sessions
--        drivers    (client, confidence, sick, share, unshown): of outsiders that drive
--                   suspects, how sure that is, how many suspects each met, what share of its
--                   hosts is sick by what the others are, and of those who show nothing

-- step: mailers
-- Where every packet was counted `relay` sees what comes in and leaves again.
select client as host
from sessions
where inside = 'client' and sampling > 1 and port in (25, 465, 587)
group by client
having count(distinct server) >= 3

-- step: brought
select server as host, client as source, count(distinct conversation) as sessions,
       sum(client_bytes + server_bytes) as bytes, min(opened_at) as first_seen,
       max(closed_at) as last_seen
from sessions
where inside = 'server' and sampling > 1 and port = 25 and established
group by server, client

-- step: received
select host, sum(bytes) as received
from brought
group by host

-- step: answer
select brought.host, brought.source, brought.sessions, bytes, received, first_seen, last_seen,
       confidence, sick, share, unshown
from brought
join drivers on drivers.client = brought.source
join mailers on mailers.host = brought.host
join received on received.host = brought.host
order by brought.host, brought.source
