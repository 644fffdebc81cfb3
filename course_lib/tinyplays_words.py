"""The words and sentences of the tiny plays: a lexicon, rules for prose, and rules for verse with exact metre.

Verbs stand as base / third person / past. In verse the name of a rule says how its words scan: `trochee_*` is
a strong and a weak syllable (SIL-ver), `stress_*` one strong (moon), `iamb_*` weak and strong (be-SIDE), and
`weak_*` one weak (by).
Not in the room: who is on stage, and when a scene ends (`tinyplays`).
"""

from __future__ import annotations


def listed(text: str) -> list[str]:
    """Phrases that stand between commas; line breaks count as spaces."""
    return [" ".join(phrase.split()) for phrase in text.split(",")]


SHE = """
    Ada Beatrix Clara Dora Edith Flora Greta Hazel Iris Juno Kezia Lucy Mabel Nora Olive Pearl Queenie Ruth
    Sybil Tess Una Vera Willa Xanthe Yvette Zelda
""".split()
HE = """
    Amos Bruno Caspar Dov Emil Felix Gus Hugo Ivo Jasper Kit Linus Magnus Ned Oscar Piers Quentin Rufus
    Silas Tobias Ulf Victor Walter Xavier Yan Zeno
""".split()

# What a role does on stage is in `tinyplays`: prose, verse, counting or repeating.
PROSE_ROLES = """
    baker miller sailor tailor cook gardener doctor painter shepherd farmer smith clockmaker fiddler judge
    locksmith innkeeper postman astronomer schoolmaster beekeeper candle-maker lamp-lighter bell-ringer
    star-gazer
""".split()
VERSE_ROLES = "ghost poet oracle dreamer".split()
COUNTING_ROLES = ["clerk"]
REPEATING_ROLES = ["parrot"]

OBJECT_ADJECTIVES = """
    copper silver golden wooden crystal velvet scarlet hollow rusty crooked painted broken frozen ivory
    amber quiet borrowed extra unlucky jewelled zigzag
""".split()
OBJECT_NOUNS = """
    lantern kettle mirror trumpet key crown violin umbrella box clock feather glove compass boot goblet
    spoon ladder wig necklace map jug quilt vase yoke hat apple
""".split()

PLACE_ADJECTIVES = (
    "old dark quiet empty narrow windy sunny ruined distant crowded misty little green frozen ancient".split()
)
PLACES = """
    garden harbour mill orchard kitchen cellar attic tower bridge market meadow forest chapel palace library
    bakery lighthouse stable courtyard well cave ferry hedge river theatre vineyard workshop abbey island
    village quarry
""".split()
HOURS = listed("at dawn, at noon, at dusk, at midnight, before breakfast, after supper, in the rain, by moonlight")

PEOPLE = """
    miller sailor baker tailor bishop widow gardener doctor painter shepherd farmer fiddler judge pirate
    beggar hunter teacher merchant soldier weaver potter juggler dancer pilgrim knight captain jester barber
    cousin neighbour stranger servant uncle aunt emperor actor astronomer orphan inventor explorer prince
    queen king lamp-lighter sword-swallower rope-walker piper cobbler drummer cook clown duke nurse monk nun
    giant witch-finder hermit lawyer mayor poet twin usher vicar waiter butler maid gossip hatter glazier
    tinker valet student
""".split()
PERSON_ADJECTIVES = """
    clever lonely honest gentle jealous cheerful clumsy patient proud rude shy sleepy stubborn young old
    bold brave curious foolish generous grumpy handsome hungry idle merry nervous noble quick-witted solemn
    thrifty wicked wise absent-minded anxious eager unlucky angry excellent tall polite calm dull fair frail
    fine glad grave grim humble jolly kind lazy loyal modest mean meek mild neat pale plain prim sad silly
    sober strict vain weary worried odd aged obedient quaint gloomy
""".split()
THINGS = """
    kettle candle ribbon mirror basket blanket button hammer ladder letter needle pocket saddle bucket
    trumpet umbrella apple onion acorn anchor arrow bottle bonnet carriage carpet cabbage cushion drum
    feather flute garland goblet helmet jar jewel kite medal melon net oyster parcel pebble pearl pie pillow
    plum pumpkin quilt razor riddle rope sandal shovel slipper spoon sword teapot ticket turnip vase wagon
    whistle wig axe eel ink-pot bell boot cloak clock coin crown cup glove key locket map hat violin zither
    egg fan lamp ball barrel bone bowl bun cake chair cheese comb desk dish-cloth doll door fig flag fork
    fossil gate goose-feather harp hook horn inkwell jug knot ladle mask mop mug nut oar paper pen pipe pot
    quill rake ring rug sack sail scarf sponge statue stool table tent thimble tray urn wand yo-yo
""".split()
THING_ADJECTIVES = """
    copper wooden rusty golden silver broken borrowed crooked dusty empty enormous faded fragile hidden
    heavy ivory iron leather little muddy narrow painted polished precious purple round scarlet shiny silk
    smoky spotted stolen striped tiny tin velvet warm yellow useful unusual ancient half-eaten moth-eaten
    blue big black bright cheap cold cracked damp dear flat glass green grey huge lost mended new noisy pink
    quiet ragged sharp slim small soft sour square stone strange stiff thick thin torn ugly wet white wild
    woollen oily
""".split()

# Something is done to a thing, to a person, to the object of the play, or to nobody.
VERBS_THING = """
    carry/carries/carried mend/mends/mended hide/hides/hid paint/paints/painted polish/polishes/polished
    steal/steals/stole sell/sells/sold bury/buries/buried borrow/borrows/borrowed break/breaks/broke
    buy/buys/bought clean/cleans/cleaned count/counts/counted drop/drops/dropped find/finds/found
    fold/folds/folded forget/forgets/forgot juggle/juggles/juggled lose/loses/lost need/needs/needed
    open/opens/opened pawn/pawns/pawned pack/packs/packed sharpen/sharpens/sharpened
    sketch/sketches/sketched throw/throws/threw trade/trades/traded wear/wears/wore weigh/weighs/weighed
    wrap/wraps/wrapped admire/admires/admired examine/examines/examined invent/invents/invented
    keep/keeps/kept own/owns/owned burn/burns/burned bend/bends/bent bring/brings/brought
    catch/catches/caught choose/chooses/chose dig_up/digs_up/dug_up draw/draws/drew earn/earns/earned
    eat/eats/ate fetch/fetches/fetched fill/fills/filled gild/gilds/gilded hold/holds/held kick/kicks/kicked
    lift/lifts/lifted like/likes/liked move/moves/moved oil/oils/oiled pull/pulls/pulled push/pushes/pushed
    ruin/ruins/ruined save/saves/saved scrub/scrubs/scrubbed send/sends/sent shake/shakes/shook
    shut/shuts/shut touch/touches/touched toss/tosses/tossed unpack/unpacks/unpacked use/uses/used
    want/wants/wanted win/wins/won
""".split()
VERBS_PERSON = """
    follow/follows/followed trust/trusts/trusted thank/thanks/thanked fear/fears/feared greet/greets/greeted
    insult/insults/insulted invite/invites/invited marry/marries/married miss/misses/missed
    obey/obeys/obeyed pity/pities/pitied praise/praises/praised scold/scolds/scolded tease/teases/teased
    warn/warns/warned advise/advises/advised amuse/amuses/amused deceive/deceives/deceived
    forgive/forgives/forgave imitate/imitates/imitated ignore/ignores/ignored flatter/flatters/flattered
    know/knows/knew love/loves/loved meet/meets/met remember/remembers/remembered rescue/rescues/rescued
    serve/serves/served visit/visits/visited welcome/welcomes/welcomed blame/blames/blamed
    chase/chases/chased cheat/cheats/cheated doubt/doubts/doubted envy/envies/envied kiss/kisses/kissed
    question/questions/questioned adore/adores/adored annoy/annoys/annoyed bribe/bribes/bribed
    call/calls/called cure/cures/cured dread/dreads/dreaded feed/feeds/fed fight/fights/fought
    haunt/haunts/haunted help/helps/helped hug/hugs/hugged judge/judges/judged leave/leaves/left
    mock/mocks/mocked nudge/nudges/nudged outwit/outwits/outwitted pay/pays/paid please/pleases/pleased
    prefer/prefers/preferred seek/seeks/sought spy_on/spies_on/spied_on teach/teaches/taught
    tickle/tickles/tickled wake/wakes/woke watch/watches/watched
""".split()
VERBS_OBJECT = "guard/guards/guarded covet/covets/coveted mention/mentions/mentioned desire/desires/desired".split()
VERBS_NOTHING = """
    laugh/laughs/laughed wait/waits/waited dance/dances/danced sing/sings/sang sleep/sleeps/slept
    weep/weeps/wept sneeze/sneezes/sneezed smile/smiles/smiled snore/snores/snored tremble/trembles/trembled
    vanish/vanishes/vanished wander/wanders/wandered yawn/yawns/yawned argue/argues/argued
    boast/boasts/boasted cough/coughs/coughed escape/escapes/escaped faint/faints/fainted
    grumble/grumbles/grumbled hurry/hurries/hurried kneel/kneels/knelt listen/listens/listened
    mumble/mumbles/mumbled pray/prays/prayed quarrel/quarrels/quarrelled rest/rests/rested
    shout/shouts/shouted sigh/sighs/sighed stumble/stumbles/stumbled surrender/surrenders/surrendered
    travel/travels/travelled blush/blushes/blushed whisper/whispers/whispered jump/jumps/jumped
    exaggerate/exaggerates/exaggerated agree/agrees/agreed bow/bows/bowed crawl/crawls/crawled
    cry/cries/cried dream/dreams/dreamed frown/frowns/frowned giggle/giggles/giggled hum/hums/hummed
    limp/limps/limped nod/nods/nodded object/objects/objected pause/pauses/paused retire/retires/retired
    run/runs/ran shiver/shivers/shivered shrug/shrugs/shrugged sulk/sulks/sulked swim/swims/swam
    talk/talks/talked tiptoe/tiptoes/tiptoed walk/walks/walked worry/worries/worried yodel/yodels/yodelled
""".split()

NOISES = listed("""
    A bell rings., A dog barks., Thunder., A door slams., Rain begins., A clock strikes., Laughter outside.,
    The wind rises., A long silence., Music plays., Knocking within., Footsteps above., Jugs rattle.,
    Everyone bows., Quiet laughter., Voices below., Zithers play., Yawns all round., Fireworks., Owls hoot.,
    Hammering., Drums., Candles go out.
""")

NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
ROMAN = "I II III IV V VI".split()


def with_article(phrase: str) -> str:
    """`a` or `an`, by the sound with which the phrase begins: an honest jug, a useful egg."""
    silent_or_vowel = phrase[0].lower() in "aeiou" or phrase.startswith("honest")
    return ("an " if silent_or_vowel and not phrase.startswith(("use", "one", "uni")) else "a ") + phrase


def forms(verbs: list[str], form: int) -> list[str]:
    """One form of each verb: 0 base, 1 third person, 2 past. An underscore stands for a space."""
    return [verb.split("/")[form].replace("_", " ") for verb in verbs]


def equal(words: list[str], pattern: str = "{}", weight: float = 1.0) -> dict[str, float]:
    """A rule that offers every word, put into a pattern, with the same weight."""
    return {pattern.replace("{}", word): weight for word in words}


def _article_rules(name: str, adjectives: list[str], nouns: list[str]) -> dict[str, dict[str, float]]:
    """`<name>` with and without an adjective, `<name>_a` for what follows `a`, `<name>_an` for what follows `an`."""
    rules: dict[str, dict[str, float]] = {}
    for suffix, keep in (("", ("a ", "an ")), ("_a", ("a ",)), ("_an", ("an ",))):
        chosen_adjectives = [word for word in adjectives if with_article(word).startswith(keep)]
        chosen_nouns = [word for word in nouns if with_article(word).startswith(keep)]
        rules[name + suffix] = equal(chosen_adjectives, f"{{}} {{{name}_noun}}", 1.1) | equal(chosen_nouns)
    rules[f"{name}_noun"] = equal(nouns)
    rules[f"{name}_nouns"] = equal([noun + "s" for noun in nouns])
    rules[f"{name}s"] = equal(adjectives, f"{{}} {{{name}_nouns}}", 1.1) | equal([noun + "s" for noun in nouns])
    return rules


PROSE: dict[str, dict[str, float]] = {
    **_article_rules("person", PERSON_ADJECTIVES, PEOPLE),
    **_article_rules("thing", THING_ADJECTIVES, THINGS),
    "place": equal(PLACE_ADJECTIVES, "{} {place_noun}", 1.2) | equal(PLACES),
    "place_noun": equal(PLACES),
    "do": equal(forms(VERBS_THING, 0), "{} {a_thing}")
    | equal(forms(VERBS_PERSON, 0), "{} {a_person}")
    | equal(forms(VERBS_OBJECT, 0), "{} {object}", 2)
    | equal(forms(VERBS_NOTHING, 0)),
    "does": equal(forms(VERBS_THING, 1), "{} {a_thing}")
    | equal(forms(VERBS_PERSON, 1), "{} {a_person}")
    | equal(forms(VERBS_OBJECT, 1), "{} {object}", 2)
    | equal(forms(VERBS_NOTHING, 1)),
    "did": equal(forms(VERBS_THING, 2), "{} {a_thing}")
    | equal(forms(VERBS_PERSON, 2), "{} {a_person}")
    | equal(forms(VERBS_OBJECT, 2), "{} {object}", 2)
    | equal(forms(VERBS_NOTHING, 2)),
    "will": equal("will may must can should might would cannot could shall".split(), "{} {do}")
    | {"never {did}": 1, "always {did}": 1, "did not {do}": 1},
    # The object of a verb, with its determiner. Some determiners ask for the plural.
    "a_thing": {
        "the {thing}": 6,
        "a {thing_a}": 5,
        "an {thing_an}": 2,
        "my {thing}": 4,
        "your {thing}": 4,
        "our {thing}": 3,
        "this {thing}": 3,
        "that {thing}": 3,
        "every {thing}": 2,
        "another {thing}": 2,
        "{other}'s {thing}": 3,
        "{his} {thing}": 5,
        "these {things}": 2,
        "those {things}": 2,
        "two {things}": 1,
        "three {things}": 1,
        "seven {things}": 1,
        "some {things}": 2,
        "all the {things}": 1,
    },
    "a_person": {
        "the {person}": 6,
        "a {person_a}": 4,
        "an {person_an}": 2,
        "my {person}": 3,
        "your {person}": 3,
        "our {person}": 3,
        "that {person}": 3,
        "every {person}": 2,
        "{other}": 8,
        "these {persons}": 1,
        "those {persons}": 1,
        "both {persons}": 1,
        "two {persons}": 1,
        "us": 2,
        "them": 2,
    },
    # A clause without its end. Somebody or something does, or did; agreement is in the rules.
    "clause": {
        "I {did_or_will}": 12,
        "you {did_or_will}": 9,
        "we {did_or_will}": 7,
        "they {did_or_will}": 4,
        "{other} {does_or_will}": 10,
        "{he} {does_or_will}": 12,
        "the {one}": 12,
        "a {one_a}": 4,
        "an {one_an}": 2,
        "my {one}": 4,
        "your {one}": 4,
        "our {one}": 2,
        "this {one}": 2,
        "that {one}": 2,
        "every {one}": 3,
        "another {one}": 3,
        "all {many}": 2,
        "some {many}": 3,
        "few {many}": 1,
        "most {many}": 2,
        "these {many}": 1,
        "those {many}": 1,
        "two {many}": 1,
        "nobody {does}": 2,
        "somebody {does_or_will}": 2,
        "there is {a_new_thing}{where}": 3,
    },
    "a_new_thing": {"a {thing_a}": 3, "an {thing_an}": 1},
    "did_or_will": {"{did}": 6, "{will}": 4},
    "does_or_will": {"{does}": 5, "{did}": 4, "{will}": 3, "is {state}": 2},
    "one": {"{person} {does_or_will}": 5, "{thing} {thing_does}": 4},
    "one_a": {"{person_a} {does_or_will}": 5, "{thing_a} {thing_does}": 4},
    "one_an": {"{person_an} {does_or_will}": 5, "{thing_an} {thing_does}": 4},
    "many": {"{persons} {did_or_will}": 1},
    "state": equal(
        listed("""
            asleep, in love, late again, at home, awake, ready, tired, alone, quite well, under arrest, busy,
            lost, rich, poor, very old, up early, afraid, engaged, innocent, mistaken
        """)
    ),
    "thing_does": equal(
        listed("""
            gleams, rattles, glows, creaks, disappeared, smells of {smell}, fell, floats, sparkles, shrinks,
            hums, belongs to {a_person}, was {thing_state}, is {thing_state}, looks {thing_state}, explodes,
            jingles, sank, will vanish, must go
        """)
    ),
    "thing_state": equal(
        listed("""
            enchanted, missing, too small, too big, just right, very old, worthless, magical, for sale, unlucky,
            cursed, done, empty, finished, priceless, ready, sold, upside down, wet, yours
        """)
    ),
    "smell": equal("roses cheese smoke vinegar lemons fish paint cinnamon butter wool".split()),
    "how": equal(
        listed("""
            slowly, softly, gladly, boldly, secretly, alone, again, loudly, politely, sadly, quickly,
            gracefully, by accident, twice, first, too late, too soon, at once, on purpose, bravely, calmly,
            daily, in vain, in tears, in secret, just once, rudely, by law, by heart, by mistake, nobly,
            wisely, to no end, unseen, with both hands, without a word, for love, for money, like {simile}
        """),
        " {}",
    ),
    "simile": {"a {person_a}": 3, "an {person_an}": 1},
    "where": equal("at near behind beyond beside outside opposite past".split(), " {} the {place}"),
    "when": equal(
        listed("""
            at dawn, at dusk, at noon, at midnight, before breakfast, after supper, on Sunday, on Monday,
            on Friday, in winter, in spring, in July, in Xanadu, in May, in autumn, in bed, on Thursday,
            at supper, at sea, on the hour, today, last night, last week, all day, all night, every morning,
            once a year, by moonlight, by candlelight, after the {feast}, during the {feast}
        """),
        " {}",
    ),
    "feast": equal(
        listed("wedding, harvest, storm, concert, eclipse, funeral, banquet, quarrel, king's birthday, thaw")
    ),
    "dot": {".": 5, "!": 1},
    # What may follow a clause: an end, or where, how, when and an end.
    "tail": {"{end}": 10, "{how}{end}": 4, "{where}{end}": 4, "{when}{end}": 4},
    "end": {
        ".": 18,
        "!": 5,
        "{comma_other}.": 3,
        ", and {clause}{tail}": 3,
        ", but {clause}{tail}": 2,
        ", so {clause}{tail}": 2,
        "; {clause}{tail}": 2,
        " because {clause}{tail}": 2,
        " when {clause}{tail}": 1,
        " while {clause}{tail}": 1,
        " until {clause}{tail}": 1,
        " (or so the {person_nouns} say).": 1,
    },
    "question_tail": {"?": 4, "{how}?": 1, "{where}?": 2, "{when}?": 2},
    "sentence": {
        "{^clause}{tail}": 50,
        "{other}, {clause}{tail}": 3,
        "Good {other}, {clause}{tail}": 2,
        "Dear {other}, {clause}{tail}": 2,
        "Welcome, {other_and_role}{dot}": 2,
        "Farewell, {other_and_role}{dot}": 1,
        "Call me {self}, for I am {self_role}{dot}": 1,
        "Alas, {clause}{tail}": 2,
        "Listen: {clause}{tail}": 1,
        "Perhaps {clause}{tail}": 2,
        "Everybody knows that {clause}{tail}": 1,
        "Have you heard? {^clause}{tail}": 1,
        "If {clause}, then {clause}{tail}": 2,
        "When {clause}, {clause}{tail}": 2,
        "Before {clause}, {clause}{tail}": 1,
        "Do not {do}{dot}": 3,
        "Let us {do}{dot}": 3,
        "Please {do}{dot}": 2,
        "Who will {do}{question_tail}": 3,
        "Why did {other} {do}{question_tail}": 2,
        "Why must I {do}{question_tail}": 1,
        "Did you {do}{question_tail}": 2,
        "Would {a_person} {do}{question_tail}": 2,
        "How I {did}{dot}": 1,
        "What {a_new_thing}!": 3,
        "O {thing_adjective} {thing_noun}, O {thing_adjective} {thing_noun}!": 2,
        "By the {thing}! {^clause}{tail}": 2,
        "Beware of {object}{dot}": 1,
        "Never speak of {object}{dot}": 1,
        "Tell me, {other}: {fact_question}": 7,
    },
    # The next to speak in prose answers these first, and truly.
    "fact_question": {
        "who has {object}?{!asks:who}": 3,
        "how many are we?{!asks:count}": 2,
        "where are we?{!asks:where}": 2,
    },
    "thing_adjective": equal(THING_ADJECTIVES),
}

RHYMES = [
    family.split()
    for family in (
        "day bay clay hay way spray",
        "light night flight sight kite knight height",
        "sea tree key bee tea quay",
        "shore door oar floor store core",
        "rain lane grain chain train",
        "sound ground hound mound round",
        "ring king string spring wing thing",
        "stone bone throne tone",
        "wall hall ball fall call shawl",
        "hill mill quill sill chill rill",
        "snow bow glow row",
        "air chair stair hare bear pear",
        "year ear spear pier",
        "book brook hook nook rook cook",
        "name flame game frame",
        "boat coat goat note throat moat",
        "town gown clown",
        "hand sand land band strand",
        "pool school stool tool",
        "sheep deep sleep",
        "gold cold fold",
        "dust crust rust trust",
        "sail tale whale gale vale snail",
        "bed bread thread head sled shed",
        "clock rock lock flock dock",
        "rose nose prose hose",
        "cake lake snake rake",
        "hat cat mat",
    )
]

_TROCHEE_ADJECTIVES = """
    silver golden quiet hollow broken gentle winter summer weary hidden narrow ancient velvet amber scarlet
    distant restless silent humble tender bitter crooked faithful wooden lonely merry drowsy tiny moonlit
    frozen sleepy secret dusty empty honest yellow crimson shallow idle patient gallant careless graceful
    barren leafy snowy rainy windy sunny misty stony mossy rosy shiny noble mighty lucky jolly lively lovely
    tattered painted haunted drifting dancing sleeping burning shining falling rising fading open eager
    eastern icy
""".split()
_TROCHEE_NOUNS = """
    river candle garden lantern raven sparrow kettle shepherd sailor mirror orchard whisper blossom window
    stranger meadow feather pebble beggar dancer turtle maiden robin willow cradle miller pilgrim acorn
    island arrow cricket blackbird barrel bucket carpet castle chimney cobweb cottage cousin dragon fiddle
    fountain gander goblin hammer hunter jacket kitten ladder locket magpie monkey mountain needle
    outlaw pigeon piper ribbon saddle sister spider steeple sunbeam swallow thistle tinker tower trumpet
    valley wagon weaver widow
""".split()
_STRESS_NOUNS = """
    moon heart lamp bird bell fox ship road wind star drum owl thorn song leaf wave fish frost fern swan
    moth cloud dove wolf mouse child flute harp ghost friend dream bridge wheel storm mist field pine plum
    duke queen nurse thief inn elf arch barn bat bench breeze bud bride cart cave chest church coin crumb
    deer desk dew dog duck earl egg farm fan fig flag foal frog gate gem glove goose grass grave guest gull
    hat hawk hive hood horse jar jug lark loaf mask maid mole monk nest nun nut path peach pipe plough pond
    root sail scarf shell skull smoke stag stream swing tent toad toy tide vine wasp web wren yard
""".split()
_STRESS_VERBS = """
    find/finds keep/keeps seek/seeks love/loves hear/hears leave/leaves call/calls wake/wakes
    shake/shakes lift/lifts turn/turns light/lights greet/greets know/knows warm/warms hide/hides see/sees
    paint/paints count/counts fear/fears need/needs mock/mocks haunt/haunts hold/holds feel/feels mend/mends
    tend/tends rule/rules bring/brings claim/claims like/likes meet/meets mourn/mourns serve/serves
    sing/sings shun/shuns taste/tastes trust/trusts
""".split()
_WEAK_DETERMINERS = {"the": 5, "my": 3, "your": 3, "our": 2, "this": 2, "that": 2, "her": 1, "his": 1}


def _weak(pattern: str) -> dict[str, float]:
    """A weak syllable (the, my, …), then the pattern."""
    return {f"{determiner} {pattern}": weight for determiner, weight in _WEAK_DETERMINERS.items()}


def _sounds(words: list[str], article: str) -> list[str]:
    """The words that follow this article."""
    return [word for word in words if with_article(word).split()[0] == article]


VERSE: dict[str, dict[str, float]] = {
    "trochee_adjective": equal(_TROCHEE_ADJECTIVES),
    "trochee_adjective_a": equal(_sounds(_TROCHEE_ADJECTIVES, "a")),
    "trochee_adjective_an": equal(_sounds(_TROCHEE_ADJECTIVES, "an")),
    "trochee_noun": equal(_TROCHEE_NOUNS),
    "trochee_nouns": equal([noun + "s" for noun in _TROCHEE_NOUNS]),
    "stress_noun": equal(_STRESS_NOUNS),
    "stress_verb": equal(forms(_STRESS_VERBS, 0)),
    "stress_verbs": equal(forms(_STRESS_VERBS, 1)),
    "iamb_place": equal("beside above beneath beyond behind without below across along against around amid".split()),
    "iamb_time": equal(listed("tonight, again, at dawn, at dusk, once more, at last")),
    "weak_pronoun": equal("I you we they".split()),
    "weak_place": equal("by in near on through".split()),
    "weak_will": equal("shall will may must can".split()),
    # x is a weak syllable, / a strong one. Eight syllables: x / x / x / x /
    "tetrameter": {
        **{f"{determiner.capitalize()} {{the_rest}}": weight for determiner, weight in _WEAK_DETERMINERS.items()},
        "A {trochee_adjective_a} {stress_noun} {iamb_place} {rhyme_2}": 3,
        "An {trochee_adjective_an} {stress_noun} {iamb_place} {rhyme_2}": 1,
        "{^weak_pronoun} {stress_verb} {weak_trochee_noun} {weak_place} {rhyme_2}": 6,
        "{^iamb_time} {weak_trochee_noun} {stress_verbs} {rhyme_2}": 4,
        "O {stress_noun} of {stress_noun}, O {trochee_adjective} {rhyme}": 2,
        "And all the {trochee_nouns} {stress_verb} {rhyme_2}": 2,
        "Where {trochee_nouns} {stress_verb} {rhyme_4}": 2,
        "No {stress_noun}, no {stress_noun}, no {trochee_adjective} {rhyme}": 2,
    },
    "the_rest": {  # after one weak syllable: / x / x / x /
        "{trochee_adjective} {stress_noun} {iamb_place} {rhyme_2}": 3,
        "{trochee_noun} {stress_verbs} {rhyme_4}": 2,
        "{stress_noun} {weak_will} {stress_verb} {rhyme_4}": 3,
    },
    # Six syllables: x / x / x /
    "trimeter": {
        "{^iamb_place} {rhyme_4}": 4,
        "So {stress_verb} {rhyme_4}": 3,
        "O {stress_noun}, O {stress_noun}, O {rhyme}": 2,
        "With {stress_noun} and {trochee_adjective} {rhyme}": 3,
    },
    "weak_trochee_noun": _weak("{trochee_noun}"),  # x / x
    "rhyme_4": _weak("{trochee_adjective} {rhyme}"),  # x / x /
    "rhyme_2": _weak("{rhyme}"),  # x /
    "couplet": {"{tetrameter}{open_line}{tetrameter}{closed_line}": 1},
    "couplets": {"{couplet}{more_couplets}": 1},
    "more_couplets": {"\n": 1, "{couplet}{more_couplets}": 1},
    "refrain": {"{trimeter}{open_line}{trimeter}{closed_line}": 1},
    # The first line of a couplet is left open, the second closes it.
    "open_line": {",\n": 5, ";\n": 2, ":\n": 1, "\n": 2},
    "closed_line": {".\n": 5, "!\n": 1, "?\n": 1},
}
