"""Who speaks at an address: a small table of hosts.

Only publishers whose standing is a matter of record are listed. A public broadcaster (BBC, DW,
France 24, NPR) is not state media: its editors do not answer to the government; a state's own
broadcaster that calls itself independent and is run by the government (TRT World, Al Ekhbariya)
is. Who is not listed stays unknown, and opinion is never told by the host.

State media follow three public registers: the US State Department's designations of foreign
missions (Xinhua, CGTN, China Daily, RT, Sputnik), the EU's broadcasting measures of 2022 and
after, and outlets that name a government as their owner.
"""

from __future__ import annotations

from corpus.articles import SourceKind
from corpus.fetch.urls import host_of

_OFFICIAL_HOSTS = frozenset(
    str.split(
        """
    un.org unhcr.org unicef.org unesco.org who.int wto.org imf.org worldbank.org europa.eu
    nato.int osce.org au.int oecd.org icrc.org icc-cpi.int icj-cij.org opcw.org iaea.org iom.int
    africa-union.org arableagueonline.org leagueofarabstates.net oas.org asean.org ecowas.int
    gcc-sg.org oic-oci.org coe.int wfp.org fao.org undp.org ohchr.org reliefweb.int igad.int
    ungeneva.org interpol.int ctbto.org ilo.org itu.int commonwealth.org caricom.org
    gov.uk parliament.uk elysee.fr diplomatie.gouv.fr auswaertiges-amt.de bundesregierung.de
    bundestag.de bundeskanzler.de bmvg.de admin.ch government.se government.nl regjeringen.no
    esteri.it governo.it quirinale.it exteriores.gob.es lamoncloa.gob.es mofa.go.jp
    mid.ru kremlin.ru government.ru premier.gov.ru mfa.gov.cn fmprc.gov.cn president.ir
    um.dk um.fi valtioneuvosto.fi canada.ca international.gc.ca bmeia.gv.at"""
    )
)
# Second-level government registries of country domains, as in foreign.gov.xx, gob.mx, go.jp.
_OFFICIAL_LABELS = frozenset(str.split("gov gob gouv gub go govt gv mil gc gok"))
_WIRE_HOSTS = frozenset(
    str.split(
        """
    reuters.com apnews.com ap.org afp.com dpa.com dpa-international.com ansa.it efe.com
    kyodonews.net jiji.com upi.com pap.pl apa.at belga.be lusa.pt anp.nl ritzau.dk ntb.no tt.se
    stt.fi aap.com.au ptinews.com interfax.com interfax.ru interfax.com.ua ukrinform.net
    yna.co.kr yonhapnews.co.kr bloomberg.com keystone-sda.ch thecanadianpress.com
    pressassociation.com pa.media unb.com.bd"""
    )
)
_STATE_MEDIA_HOSTS = frozenset(
    str.split(
        """
    xinhuanet.com xinhua.net news.cn cgtn.com chinadaily.com.cn globaltimes.cn people.cn
    people.com.cn cctv.com cri.cn tass.com tass.ru ria.ru rt.com sputniknews.com sputnikglobe.com
    rg.ru vesti.ru 1tv.ru irna.ir en.irna.ir presstv.ir presstv.com tasnimnews.com farsnews.ir
    mehrnews.com irib.ir iribnews.ir alalam.ir alalamtv.net sana.sy kcna.kp kcna.co.jp
    rodong.rep.kp spa.gov.sa wam.ae qna.org.qa kuna.net.kw bna.bh omannews.gov.om petra.gov.jo
    mena.org.eg aps.dz lana.gov.ly lana-news.ly tap.info.tn mapnews.ma trtworld.com trt.net.tr
    aa.com.tr belta.by sb.by prensa-latina.cu granma.cu telesurtv.net telesurenglish.net vtv.gob.ve
    vietnamplus.vn vnanet.vn kpl.gov.la akp.gov.kh azertac.az uza.uz kazinform.kz inform.kz
    ena.et suna-sd.net shabait.com"""
    )
)
# Government domains that press and universities use as well.
_NOT_OFFICIAL_HOSTS = frozenset({"voanews.com"})


def kind_of(name: str | None, url: str) -> SourceKind:
    """Who speaks at `url`, or, for a document without a web host, under `name`.

    An explicitly given kind is the caller's to prefer. Unknown where the table says nothing.
    """
    host = host_of(url)
    if not url.startswith(("http://", "https://")):
        return _NAMES.get((name or "").strip().casefold(), SourceKind.UNKNOWN)
    for hosts, kind in (
        (_NOT_OFFICIAL_HOSTS, SourceKind.UNKNOWN),
        (_STATE_MEDIA_HOSTS, SourceKind.STATE_MEDIA),
        (_WIRE_HOSTS, SourceKind.WIRE),
        (_OFFICIAL_HOSTS, SourceKind.OFFICIAL),
    ):
        if any(parent in hosts for parent in _parents(host)):
            return kind
    return SourceKind.OFFICIAL if _is_government(host) else SourceKind.UNKNOWN


def _parents(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def _is_government(host: str) -> bool:
    """`.gov`, `.mil` and `.int`, and registries such as `.gov.xx` under a country's domain."""
    labels = host.split(".")
    if len(labels) < 2:
        return False
    if labels[-1] in ("gov", "mil", "int"):
        return True
    return len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _OFFICIAL_LABELS


_NAMES = {
    name.casefold(): kind
    for kind, names in (
        (
            SourceKind.WIRE,
            ("Reuters", "Associated Press", "AP", "AFP", "dpa", "ANSA", "EFE", "Kyodo"),
        ),
        (
            SourceKind.STATE_MEDIA,
            ("Xinhua", "TASS", "RT", "Sputnik", "CGTN", "IRNA", "SANA", "KCNA", "Press TV"),
        ),
        (
            SourceKind.OFFICIAL,
            (
                "United Nations",
                "UN News",
                "U.S. Department of State",
                "European Commission",
                "NATO",
            ),
        ),
    )
    for name in names
}
