/**
 * Letters that look like those of ASCII, after compatibility decomposition: each pair is the letter and what it looks like.
 * A selection of the confusables of Unicode Technical Standard 39, of the scripts that names are written in.
 */
const pairs =
  'аa еe оo рp сc уy хx іi јj ѕs һh ԁd ԛq ԝw ӏl ьb ѵv гr пn ' +
  'АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ԌG ԚQ ԜW ӀI ' +
  'αa ιi κk νv οo ρp υu γy ϲc ϳj ' +
  'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC ' +
  'օo սu ոn հh ցg զq ՕO ՍU ՏS ' +
  'ɑa ɡg ıi ɩi ʋv ƽs';

export const confusables: ReadonlyMap<string, string> = new Map(
  pairs.split(' ').map((pair): [string, string] => {
    const [letter, ascii] = [...pair];
    return [letter!, ascii!];
  }),
);

/** Scripts that are told apart. Chinese, Japanese and Korean are written with several at once, and with Latin. */
export const scripts: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'Latin', pattern: /\p{Script=Latin}/u },
  { name: 'Cyrillic', pattern: /\p{Script=Cyrillic}/u },
  { name: 'Greek', pattern: /\p{Script=Greek}/u },
  { name: 'Armenian', pattern: /\p{Script=Armenian}/u },
];
