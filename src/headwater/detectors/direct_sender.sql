-- What each own host does with mail, beside what else it does.
--
-- Read   sessions
--        living     (host, area, network): where own hosts live

-- step: mail_out
-- To exchangers, and to submission services (RFC 8314): bots have others' passwords, too.
select client as host,
       count(distinct conversation) as mail_sessions,
       sum(case when port = 25 and client_packets > 0 then 1 else 0 end) as mail_exported,
       count(distinct case when port = 25 then server end) as exchangers,
       count(distinct case when port <> 25 then server end) as submission_servers,
       sum(client_packets) as mail_packets, sum(client_bytes) as mail_bytes,
       sum(case when port = 25 then server_packets else 0 end) as reply_packets,
       sum(case when port = 25 then server_bytes else 0 end) as reply_bytes,
       min(opened_at) as mail_first, max(closed_at) as mail_last,
       max(sampling) as sampling
from sessions
where inside = 'client' and port in (25, 465, 587) and protocol = 6
group by client

-- step: tries
-- Sessions in which the client said less than a greeting and one command would take. The
-- limit is in octets beyond headers: HELO, MAIL, RCPT and QUIT with short names (RFC 5321
-- section 4.1.1) are at least 60; a whole message never fits in 300. Nor does it in 1500 where
-- certificates were shown: a hello to encrypt has some 500 (RFC 8446 section 4.1.2).
select client as host, server, opened_at,
       case when client_bytes - 46 * client_packets < 300 then 1 else 0 end as short,
       case when client_bytes - 46 * client_packets between 300 and 1499
                 and server_bytes - 46 * server_packets >= 1500 then 1 else 0 end as hello,
       case when client_bytes - 46 * client_packets >= 1500
                 or client_bytes - 46 * client_packets >= 300 and server_packets > 0
                    and server_bytes - 46 * server_packets < 1500 then 1 else 0 end as letter
from sessions
where inside = 'client' and port = 25 and protocol = 6 and sampling = 1 and client_packets > 0

-- step: letters
-- How often no more was said than a hello to encrypt, and how often a letter may have been.
select host, sum(hello) as mail_hellos, sum(letter) as mail_letters
from tries
group by host

-- step: ways
-- When each server first took a whole message, and when it last turned one away.
select host, server, min(case when short = 0 then opened_at end) as first_taken,
       max(case when short = 1 then opened_at end) as last_short
from tries
group by host, server

-- step: cut
-- Who asks strangers to come again (greylisting, RFC 6647 section 2.1) takes the letter when they
-- do, and all that follow. Mail servers come again after a minute at the earliest, and most do
-- within half an hour (RFC 5321 section 4.5.4.1).
select tries.host, count(*) as mail_cut
from tries
join ways on ways.host = tries.host and ways.server = tries.server
where short = 1
  and (first_taken is null or last_short > first_taken
       or opened_at not between first_taken - 1800000000 and first_taken - 60000000)
group by tries.host

-- step: shown
-- Servers to which more was said than that, or of which the client's half is not in the records, and
-- whether they ever sent certificates: these are more than 1500 octets (RFC 8446 section 4.4.2), what
-- is said beside them some 600, and who is met again need not show them again (section 2.2).
select client as host, server,
       max(case when server_bytes - 46 * server_packets >= 1500 then 1 else 0 end) as shown
from sessions
where inside = 'client' and port = 25 and protocol = 6 and sampling = 1 and server_packets > 0
  and (client_packets = 0 or client_bytes - 46 * client_packets >= 300)
group by client, server

-- step: answered
select host, count(*) as mail_answered, sum(shown) as mail_encrypted
from shown
group by host

-- step: takers
-- Servers that two own hosts hand mail: no host does that by its own habit alone.
select server
from sessions
where inside in ('client', 'both') and port in (25, 465, 587) and protocol = 6
group by server
having min(client) < max(client)

-- step: deliveries
select sessions.server as host, client, count(distinct conversation) as sessions,
       sum(client_packets) as packets, sum(client_bytes) as octets,
       max(case when takers.server is null then 1 else 0 end) as strange,
       row_number() over (
           partition by sessions.server order by count(distinct conversation) desc, client
       ) as place
from sessions left join takers on takers.server = sessions.client
where inside in ('server', 'both') and port = 25 and protocol = 6 and established
group by sessions.server, client

-- step: mail_in
select host, sum(sessions) as mail_in_sessions, count(*) as mail_in_clients,
       sum(case when place <= 3 then sessions else 0 end) as mail_in_by_top,
       sum(packets) as mail_in_packets, sum(octets) as mail_in_bytes,
       sum(strange * (sessions - 1)) as mail_in_again
from deliveries
group by host

-- step: mail_in_times
select server as host, count(distinct floor(started_at / 900000000)) as mail_in_quarters
from sessions
where inside in ('server', 'both') and port = 25 and protocol = 6 and established
group by server

-- step: browsed
-- Of what was received what is more than acknowledges what was sent: headers are 60 octets or less.
select client as host, server, sum(client_packets + server_packets) as packets,
       sum(greatest(server_bytes - 60 * server_packets, 0)) as received
from sessions
where inside in ('client', 'both') and port in (80, 443)
group by client, server

-- step: met_first
select client as host, min(opened_at) as first_seen, sum(server_bytes) as given
from sessions
where inside in ('client', 'both')
group by client

-- step: everything
select met_first.host, coalesce(servers, 0) as web_servers, coalesce(packets, 0) as web_packets,
       coalesce(received, 0) as web_received, first_seen
from met_first
left join (select host, count(*) as servers, sum(packets) as packets, sum(received) as received
           from browsed group by host) as web
  on web.host = met_first.host

-- step: usual
-- What a host of this network exchanges with the web: the measure of a machine with a person.
select median(web_packets) as usual_web_packets from everything where web_packets > 0

-- step: quiet
-- The share of hosts that exchange less than a fiftieth of that: what any host shows of life.
select avg(cast(case when web_packets < 0.02 * usual_web_packets then 1 else 0 end as double))
           as quiet_share
from everything cross join usual

-- step: ranks
-- Of the hosts that browse, which share meets fewer web servers than this one.
select host, web_servers as met, percent_rank() over (order by web_servers) as web_rank
from everything where web_servers > 0

-- step: browsers
select count(*) as browsers, median(met) as usual_web_servers from ranks

-- step: brought
-- What outsiders brought to each of its ports, other than mail: batches to be sent. Where packets
-- are sampled, by way of own hosts as well; and of every host: what is brought to one by chance. A
-- relay's visitors get what others gave the host: where they get twice all that and ten full packets,
-- by which sampling may err, they are shown contents of its own, and what they bring are questions.
-- Who hands in letters brings more than the answers to them; of fewer packets no more than that can be
-- told, and at the ports of sites, where a hundred people's questions are as much as any mail.
select sessions.server as host, sessions.port, sum(client_bytes) as octets,
       count(distinct client) as visitors, min(opened_at) as first_at,
       max(sessions.sampling) as sampling
from sessions left join mail_out on mail_out.host = sessions.server
              left join met_first on met_first.host = sessions.server
where (inside = 'server' or inside = 'both' and sessions.sampling > 1)
  and sessions.port not in (25, 465, 587) and protocol = 6
  and (sessions.sampling > 1 or (established and mail_out.host is not null))
group by sessions.server, sessions.port
having max(sessions.sampling) = 1 or sum(server_bytes) <= sum(client_bytes)
    or sessions.port not in (80, 443) and sum(server_bytes) > 15000 * max(sessions.sampling)
       and (coalesce(max(given), 0) = 0
            or sum(server_bytes) <= 2 * max(given) + 15000 * max(sessions.sampling))

-- step: busiest
select host, port, octets, visitors, first_at, sampling,
       row_number() over (partition by host order by octets desc, port) as place
from brought

-- step: fed
select host, octets as fed_bytes, port as fed_port, visitors as fed_visitors,
       first_at as fed_first, sampling
from busiest
where place = 1

-- step: sizes
-- How many hosts are brought how much, by doublings; what knocks bring, 200 octets of sampled
-- packets, is nothing.
select floor(ln(fed_bytes) / ln(2)) as size, count(*) as visited
from fed
where fed_bytes >= 200 * sampling
group by floor(ln(fed_bytes) / ln(2))

-- step: mailed
select host, floor(ln(greatest(mail_bytes, 1.0)) / ln(2)) as mailed from mail_out

-- step: alike
-- To which share of these a fourth to four times as much is brought as this one mails, or more:
-- rather too many than too few.
select host,
       sum(case when size between mailed - 2 and mailed + 2 then visited else 0 end)
           / sum(visited) as fed_alike,
       sum(case when size > mailed + 2 then visited else 0 end) / sum(visited) as fed_more
from mailed cross join sizes
group by host

-- step: sites
-- Who shows those that come to its web ports more than they bring: headers are 60 octets or less.
select server as host
from sessions
where inside = 'server' and port in (80, 443) and protocol = 6
group by server
having sum(greatest(server_bytes - 60 * server_packets, 0))
    > sum(greatest(client_bytes - 60 * client_packets, 0))

-- step: lived
select everything.host, case when sites.host is null then 0 else 1 end as site,
       area, count(*) over (partition by area) as area_hosts,
       network, count(*) over (partition by network) as network_hosts,
       count(*) over () as hosts
from everything left join sites on sites.host = everything.host
                left join living on living.host = everything.host

-- step: sites_usual
select avg(cast(site as double)) as sites_usual from lived

-- step: answer
select mail_out.host, mail_sessions, mail_exported, exchangers, submission_servers,
       mail_packets, mail_bytes, reply_packets, reply_bytes, mail_first, mail_last, mail_out.sampling,
       coalesce(mail_cut, 0) as mail_cut,
       coalesce(mail_hellos, 0) as mail_hellos, coalesce(mail_letters, 0) as mail_letters,
       coalesce(mail_answered, 0) as mail_answered,
       coalesce(mail_encrypted, 0) as mail_encrypted,
       coalesce(mail_in_sessions, 0) as mail_in_sessions,
       coalesce(mail_in_clients, 0) as mail_in_clients,
       coalesce(mail_in_by_top, 0) as mail_in_by_top,
       coalesce(mail_in_again, 0) as mail_in_again,
       coalesce(mail_in_packets, 0) as mail_in_packets, coalesce(mail_in_bytes, 0) as mail_in_bytes,
       coalesce(mail_in_quarters, 0) as mail_in_quarters,
       coalesce(web_servers, 0) as web_servers,
       coalesce(web_packets, 0) as web_packets,
       coalesce(web_received, 0) as web_received,
       coalesce(usual_web_packets, 0) as usual_web_packets,
       coalesce(quiet_share, 0) as quiet_share,
       coalesce(web_rank, 0) as web_rank, browsers,
       coalesce(usual_web_servers, 0) as usual_web_servers,
       coalesce(fed_bytes, 0) as fed_bytes, coalesce(fed_port, 0) as fed_port,
       coalesce(fed_visitors, 0) as fed_visitors, coalesce(fed_first, 0) as fed_first,
       site, sites_usual, coalesce(area, 0) as area, area_hosts,
       coalesce(network, 0) as network, network_hosts, hosts,
       coalesce(fed_alike, 0) as fed_alike, coalesce(fed_more, 0) as fed_more,
       first_seen
from mail_out
join lived on lived.host = mail_out.host
cross join sites_usual
cross join usual
cross join quiet
cross join browsers
left join ranks on ranks.host = mail_out.host
left join fed on fed.host = mail_out.host
left join alike on alike.host = mail_out.host
left join cut on cut.host = mail_out.host
left join letters on letters.host = mail_out.host
left join answered on answered.host = mail_out.host
left join mail_in on mail_in.host = mail_out.host
left join mail_in_times on mail_in_times.host = mail_out.host
left join everything on everything.host = mail_out.host
where exchangers + submission_servers >= 3
order by host
