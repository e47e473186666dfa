"""Chat messages that try to run a script in another person's browser.

Each would set `window.pwned` or ask elsewhere if it ran; `elsewhere.example` answers nobody.
"""

ELSEWHERE = "https://elsewhere.example"

PAYLOADS = [
    # Raw HTML.
    "<script>window.pwned=1</script>",
    "<SCRIPT SRC=https://elsewhere.example/x.js></SCRIPT>",
    "<scr<script>ipt>window.pwned=1</scr</script>ipt>",
    "<img src=x onerror=window.pwned=1>",
    "<img src='x'onerror='window.pwned=1'>",
    "<img/src/onerror=window.pwned=1>",
    '<img src="https://elsewhere.example/pixel.png">',
    "<body onload=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>",
    "<video><source onerror=window.pwned=1></video>",
    "<audio src=x onerror=window.pwned=1>",
    "<marquee onstart=window.pwned=1>move</marquee>",
    "<iframe src=javascript:window.pwned=1></iframe>",
    '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
    "<object data=javascript:window.pwned=1></object>",
    "<embed src=https://elsewhere.example/x.swf>",
    "<link rel=stylesheet href=https://elsewhere.example/x.css>",
    "<style>@import 'https://elsewhere.example/x.css';</style>",
    '<meta http-equiv=refresh content="0;url=https://elsewhere.example/">',
    "<base href=https://elsewhere.example/>",
    "<form action=https://elsewhere.example/><button>free cake</button></form>",
    "<button formaction=javascript:window.pwned=1>press</button>",
    "<template><script>window.pwned=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.pwned=1>'></noscript>",
    "<xmp><p title='</xmp><img src=x onerror=window.pwned=1>'>",
    "<!--><img src=x onerror=window.pwned=1>-->",
    "<![CDATA[><img src=x onerror=window.pwned=1>]]>",
    "<x onclick=window.pwned=1 style=position:fixed;inset:0>anywhere</x>",
    # SVG and MathML.
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    '<svg><a xlink:href="javascript:window.pwned=1"><text y=20>press</text></a></svg>',
    '<svg><use href="data:image/svg+xml,<svg id=x onload=window.pwned=1></svg>#x"></use></svg>',
    "<svg><foreignObject><img src=x onerror=window.pwned=1></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=1>",
    '<math href="javascript:window.pwned=1">press</math>',
    "<math><mi//xlink:href='data:x,<script>window.pwned=1</script>'>",
    # Links in all spellings.
    "[press](javascript:window.pwned=1)",
    "[press](JaVaScRiPt:window.pwned=1)",
    "[press](java\nscript:window.pwned=1)",
    "[press](javascript&colon;window.pwned=1)",
    "[press](&#106;avascript:window.pwned=1)",
    "[press](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;window.pwned=1)",
    "[press](\x01javascript:window.pwned=1)",
    "[press]( javascript:window.pwned=1)",
    "[press](<java\tscript:window.pwned=1>)",
    "[press](vbscript:msgbox(1))",
    "[press](data:text/html,<script>window.pwned=1</script>)",
    "[press](data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9MTwvc2NyaXB0Pg==)",
    "[press](file:///etc/passwd)",
    "[press](//elsewhere.example/login)",
    "<javascript:window.pwned=1>",
    "javascript:window.pwned=1",
    '<a href="javascript:window.pwned=1">press</a>',
    "[press][trap]\n\n[trap]: javascript:window.pwned=1",
    "![picture](https://elsewhere.example/pixel.png)",
    "![picture](javascript:window.pwned=1)",
    "![picture][trap]\n\n[trap]: https://elsewhere.example/pixel.png",
    # Out of an attribute.
    '[press](https://example.org/"onmouseover="window.pwned=1)',
    "[press](https://example.org/'onmouseover='window.pwned=1 'title')",
    '[press](https://example.org "x" onmouseover=window.pwned=1 ")',
    '[press](https://example.org "\\"onmouseover=\\"window.pwned=1")',
    'https://example.org/"onmouseover="window.pwned=1',
    '![" onerror="window.pwned=1](x)',
    '`"><img src=x onerror=window.pwned=1>`',
    "```html\n</code></pre><script>window.pwned=1</script>\n```",
    '```"><script>window.pwned=1</script>\ntext\n```',
    "| a | b |\n|---|---|\n| <img src=x onerror=window.pwned=1> | [p](javascript:window.pwned=1) |",
    # Mentions, templates, prototypes, and what ends a script block.
    "@eve<script>window.pwned=1</script>",
    '@eve"onmouseover="window.pwned=1',
    "@mallory look here",
    "{{constructor.constructor('window.pwned=1')()}} {{ 7*7 }} ${window.pwned=1} <%= 7*7 %>",
    "</script><script>window.pwned=1</script>",
    "<!--<script>",
    "\u2028window.pwned=1\u2029",
    "__proto__[pwned]=1",
    "‮txt.exe‬ and \ufeff<img src=x onerror=window.pwned=1>",
]

# A display name holds up to 64 characters, a room's name 80, a topic 250.
DISPLAY_NAME = '"><img src=x onerror=window.pwned=1>'
ROOM_NAMES = [
    "<img src=x onerror=window.pwned=1>",
    '"><svg onload=window.pwned=1>',
    "</script><script>window.pwned=1</script>",
    "javascript:window.pwned=1",
]
TOPIC = "</title><img src=x onerror=window.pwned=1><a href=javascript:window.pwned=1>topic</a>"
