-- Letters that own hosts mail, beside what outsiders brought to ports of theirs.
--
-- Read   sessions

-- step: letters
-- Where every packet was counted: of sampled sessions no sizes can be compared. What a refused
-- session takes is shorter than a letter.
select client as host, server as peer, port, conversation, min(opened_at) as opened_at,
       sum(client_bytes) as octets, sum(client_packets) as packets
from sessions
where inside = 'client' and port in (25, 465, 587) and established
group by client, server, port, conversation
having max(sampling) = 1 and sum(client_bytes) - 46 * sum(client_packets) >= 1500

-- step: mailers
select host from letters group by host having count(*) >= 3

-- step: brought
-- At mail's own ports it is for everyone; and who keeps the machine brings what he likes.
select server as host, client as peer, port, conversation, min(opened_at) as opened_at,
       sum(client_bytes) as octets, sum(client_packets) as packets
from sessions join mailers on mailers.host = sessions.server
where inside = 'server' and established and port not in (22, 25, 53, 465, 587, 853)
group by server, client, port, conversation
having max(sampling) = 1 and sum(client_bytes) - 46 * sum(client_packets) >= 1500

-- step: doors
-- Sites are told of orders: at the web's ports by customers, of whom there are many. One owner
-- has a home, a telephone and a place of work.
select host, port from brought
group by host, port
having port not in (80, 443) or count(distinct peer) <= 3

-- step: hosts
select distinct host from doors

-- step: answer
select 'in' as leg, brought.host, peer, brought.port, conversation, opened_at, octets, packets
from brought join doors on doors.host = brought.host and doors.port = brought.port
union all
select 'out' as leg, letters.host, peer, port, conversation, opened_at, octets, packets
from letters join hosts on hosts.host = letters.host
order by leg, host, port, opened_at, conversation
