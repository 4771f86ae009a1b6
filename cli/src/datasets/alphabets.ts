/**
 * The alphabets of Omniglot's background set in the order of the file of 964 characters, and the number of their characters. The file has no names:
 * this order (by the short names Futhorc, Estrangelo, Jawi, Hiragana, Magi, Myanmar, …) was found by comparing its drawings with those of the
 * published archives, and by looking at all of them; the names are those of the archives.
 */
export const alphabets964: readonly (readonly [name: string, characters: number])[] = [
  ["Arcadian", 26],
  ["Armenian", 41],
  ["Asomtavruli_(Georgian)", 40],
  ["Balinese", 24],
  ["Bengali", 46],
  ["Blackfoot_(Canadian_Aboriginal_Syllabics)", 14],
  ["Braille", 26],
  ["Cyrillic", 33],
  ["Early_Aramaic", 22],
  ["Syriac_(Estrangelo)", 23],
  ["Anglo-Saxon_Futhorc", 29],
  ["Futurama", 26],
  ["Grantha", 43],
  ["Greek", 24],
  ["Gujarati", 48],
  ["Hebrew", 22],
  ["Japanese_(hiragana)", 52],
  ["Inuktitut_(Canadian_Aboriginal_Syllabics)", 16],
  ["Malay_(Jawi_-_Arabic)", 40],
  ["Japanese_(katakana)", 47],
  ["Korean", 40],
  ["Latin", 26],
  ["Alphabet_of_the_Magi", 20],
  ["Mkhedruli_(Georgian)", 41],
  ["Burmese_(Myanmar)", 34],
  ["N_Ko", 33],
  ["Ojibwe_(Canadian_Aboriginal_Syllabics)", 14],
  ["Sanskrit", 42],
  ["Tagalog", 17],
  ["Tifinagh", 55],
];
