"""What a scene can hold: categories, plate colours, code symbols. Level 1 uses the first 64 categories."""

CATEGORIES: dict[str, str] = {
    "dog": "🐶", "cat": "🐱", "rabbit": "🐰", "fox": "🦊", "bear": "🐻", "panda": "🐼", "tiger": "🐯",
    "lion": "🦁", "cow": "🐮", "pig": "🐷", "frog": "🐸", "monkey": "🐵", "chicken": "🐔", "penguin": "🐧",
    "owl": "🦉", "bee": "🐝", "butterfly": "🦋", "snail": "🐌", "ladybug": "🐞", "turtle": "🐢",
    "octopus": "🐙", "crab": "🦀", "fish": "🐟", "dolphin": "🐬", "elephant": "🐘", "cactus": "🌵",
    "tree": "🌳", "palm": "🌴", "sunflower": "🌻", "tulip": "🌷", "mushroom": "🍄", "apple": "🍎",
    "pear": "🍐", "banana": "🍌", "melon": "🍉", "grapes": "🍇", "strawberry": "🍓", "pineapple": "🍍",
    "carrot": "🥕", "corn": "🌽", "broccoli": "🥦", "cheese": "🧀", "pizza": "🍕", "burger": "🍔",
    "cake": "🎂", "donut": "🍩", "car": "🚗", "bus": "🚌", "tractor": "🚜", "bicycle": "🚲", "rocket": "🚀",
    "boat": "⛵", "umbrella": "☔", "clock": "⏰", "camera": "📷", "book": "📕", "key": "🔑", "bell": "🔔",
    "guitar": "🎸", "trumpet": "🎺", "ball": "⚽", "trophy": "🏆", "crown": "👑", "hat": "🎩",
    # level 2 only
    "shoe": "👟", "glasses": "👓", "lamp": "💡", "anchor": "⚓", "house": "🏠", "star": "⭐", "moon": "🌙",
    "heart": "💗", "ghost": "👻", "robot": "🤖", "snowman": "⛄", "balloon": "🎈", "gift": "🎁",
    "scissors": "✂️", "drum": "🥁", "train": "🚂", "whale": "🐳", "shark": "🦈", "camel": "🐫", "koala": "🐨",
}  # fmt: skip
NAMES: tuple[str, ...] = tuple(CATEGORIES)
LEVEL_CATEGORIES = {1: NAMES[:64], 2: NAMES}

# Plate colour -> (red, green, blue) of the plate and of its ink.
COLOURS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "red": ((205, 35, 40), (255, 255, 255)),
    "orange": ((250, 140, 20), (20, 12, 0)),
    "yellow": ((250, 220, 40), (20, 18, 0)),
    "green": ((25, 140, 60), (255, 255, 255)),
    "blue": ((30, 80, 200), (255, 255, 255)),
    "purple": ((125, 45, 165), (255, 255, 255)),
    "pink": ((250, 150, 195), (40, 0, 20)),
    "white": ((250, 250, 250), (15, 15, 15)),
    "black": ((18, 18, 18), (250, 250, 250)),
}

# Without look-alikes: no 0/O/Q/D, 1/I/L, S (5), Z (2), B (8), G (6), U (V).
DIGITS = "23456789"
LETTERS = "ACEFHJKMNPRTVWXY"
SYMBOLS = LETTERS + DIGITS
SHORTEST, LONGEST = 3, 5  # characters of a code
