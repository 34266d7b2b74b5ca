"""Endings of names that make a link even without a scheme."""

_COUNTRIES = """
ac ad ae af ag ai al am ao ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by
bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu
fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gt gu gw gy hk hm hn hr ht hu id ie il
im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly
ma mc me mg mh mk mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om
pa pe pf pg ph pk pm pn pr pt pw qa re ro ru rw sa sb sc sd se sg si sj sk sl sm sn sr ss st su sv
sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf
ws ye yt za zm zw
"""
_GENERIC = """
com org net edu gov mil int info biz name pro xyz online site website web top shop store club live
life app dev page cloud tech digital agency email link click news blog media world today space icu
vip win bid loan work works team group company services support solutions systems software network
host hosting press fun games game bet casino porn xxx sex adult cam tube video chat social expert
guru zone center city academy school university bank finance money cash credit capital fund trade
market markets exchange health care doctor pharmacy design studio art photo photos pictures music
band movie film travel tours hotel flights taxi car cars auto bike fit yoga food restaurant pizza
bar cafe coffee beer wine pub fashion style shoes jewelry gold diamonds land house homes estate
properties build tools supply equipment energy solar green eco earth bio farm garden pet dog horse
monster rocks ninja wtf lol cool best one plus red blue black pink onion local arpa aero
asia cat coop jobs mobi museum post tel goog google amazon aws apple microsoft
"""
TOP_LEVEL = frozenset((*_COUNTRIES.split(), *_GENERIC.split()))
"""What makes a link of a bare name; endings that files have too (py, rs, sh, md) need a scheme."""
NATIONAL = frozenset(
    ("\u0440\u0444", "\u0443\u043a\u0440", "\u4e2d\u56fd", "\u4e2d\u570b", "\ud55c\uad6d")
)
WORDS = frozenset(
    [
        "am",
        "as",
        "at",
        "be",
        "by",
        "do",
        "he",
        "id",
        "in",
        "is",
        "it",
        "la",
        "me",
        "my",
        "no",
        "pm",
        "so",
        "to",
        "us",
    ]
)
"""Endings that are words as well: a full stop without a space makes no link."""
