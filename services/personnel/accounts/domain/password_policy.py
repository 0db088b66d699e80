"""Which passwords may be chosen: long enough, not the username, and not what everybody tries first.

No rule asks for kinds of characters (NIST SP 800-63B, 5.1.1.2). Common passwords are found by rules
instead of a long list: a common word dressed up, a walk over the keyboard, a pattern repeated.
"""

import re
import unicodedata

LENGTHS = range(10, 129)
FEW_CHARACTERS = 3
SHORT_PATTERN = 5
SHORTEST_WALK = 3

WALKS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()",
)
COMMON_WORDS = """
abc access account admin administrator asdf baby baseball beijing changeme charlie china computer
default dragon flower football freedom grid guest hello hunter huanbao iloveyou internet killer
letmein login love lovely manager master michael mima monkey my nihao office operator pass passw
passwd password pokemon princess public qazwsx qwer qwerty qwertyuiop root sample secret security
shadow shanghai soccer someone staff starwars summer sunshine super superman supervisor system temp
temporary test tester testing trustno unknown user wangge wangluo welcome whatever winter woaini
woaiwojia woshishui world xiaoming zhongguo zxcv
密码 我的 管理员 网格 网格员 环保 我爱你 我爱 中国 用户 测试 你好
"""
WORDS = frozenset(COMMON_WORDS.split())
LETTER_FOR = str.maketrans("013457@$!+", "oleastasit")


def normal(password: str) -> str:
    """The password as it is compared and hashed: wide and narrow forms are the same (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def is_long_enough(password: str) -> bool:
    """Whether it has 10 to 128 characters, in whatever script."""
    return len(normal(password)) in LENGTHS


def holds_username(password: str, username: str) -> bool:
    """Whether the username stands in the password, whatever its case or width."""
    return bool(username) and normal(username).casefold() in normal(password).casefold()


def is_common(password: str) -> bool:
    """Whether it is among what everybody tries first."""
    text = normal(password).casefold()
    return (
        len(set(text)) <= FEW_CHARACTERS
        or _repeats(text)
        or _is_walk(text)
        or _is_dressed_word(text)
    )


def _repeats(text: str) -> bool:
    """Whether it is a short pattern over and over, such as ``abc1abc1abc1``."""
    return any(
        text == (text[:size] * (len(text) // size + 1))[: len(text)]
        for size in range(1, min(SHORT_PATTERN, len(text) // 2) + 1)
    )


def _is_walk(text: str) -> bool:
    """Whether it consists of runs over the alphabet or the keyboard, in either direction."""
    lines = [line for walk in WALKS for line in (walk, walk[::-1])]
    ends = {0}  # where a walk that began at the start may have ended
    for end in range(SHORTEST_WALK, len(text) + 1):
        starts = [start for start in ends if end - start >= SHORTEST_WALK]
        if any(text[start:end] in line for start in starts for line in lines):
            ends.add(end)
    return len(text) in ends


def _is_dressed_word(text: str) -> bool:
    """Whether it is a common word, or several, with digits and signs before and behind.

    Within a word digits and signs may stand for letters, as in ``p@ssw0rd``.
    """
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    spelt = {bare, bare.translate(LETTER_FOR), re.sub(r"[\W\d_]+", "", bare)}
    return any(_is_made_of_words(each) for each in spelt)


def _is_made_of_words(text: str) -> bool:
    ends = {0}
    for end in range(1, len(text) + 1):
        if any(text[start:end] in WORDS for start in ends):
            ends.add(end)
    return len(text) in ends
