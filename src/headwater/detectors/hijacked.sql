-- Everything said about each own host: by the other detectors, by lists, by the operator.
--
-- Read   findings   of this run
--        listings   (host, lists): lists that accuse it of spam or proxying, as JSON
--        roles      (host, mail_server, lawful_proxy): what the settings say

-- step: claims
select subject as host, detector, kind, confidence, summary, proof
from findings
where kind in ('relay', 'tunnel-in', 'tunnel-out', 'dials-back', 'carries',
               'carries-to', 'mails-for', 'mail-out', 'driven', 'calls-master', 'watched')

-- step: answer
select claims.host, kind, confidence, summary, proof,
       coalesce(lists, '[]') as lists,
       coalesce(mail_server, false) as mail_server,
       coalesce(lawful_proxy, false) as lawful_proxy
from claims
left join listings on listings.host = claims.host
left join roles on roles.host = claims.host
order by host, kind, confidence desc, summary, proof
