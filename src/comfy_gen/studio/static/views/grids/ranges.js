/** Reads what somebody wrote for an axis: values in a row, ranges, seeds that are drawn. All mistakes at once. Pure. */

/**
 * @typedef {object} Limits
 * @property {number | null} least
 * @property {number | null} most
 * @property {number | null} multiple Each value has to be a multiple of it.
 * @property {boolean} isWhole
 * @property {boolean} mayDraw Whether `random 4` is one of the ways.
 */
/**
 * @template T
 * @typedef {{ values: T[], problems: string[] }} Read Where there are problems, the values are those that could be read.
 */
/** @typedef {{ width: number, height: number }} Size */

/** So many values can an axis have. */
export const MOST_VALUES = 100;

const NUMBER = '[+-]?(?:\\d+(?:\\.\\d+)?|\\.\\d+)';
const SINGLE = new RegExp(`^${NUMBER}$`);
const RANGE = new RegExp(`^(${NUMBER})\\s*(?:\\.{2,3}|…|to)\\s*(${NUMBER})(?:\\s*step\\s*(${NUMBER}))?$`, 'i');
const RANDOM = /^random(?:\s*(\d+))?$/i;
const SIZE = /^(\d+)\s*[x×*]\s*(\d+)$/i;

/**
 * Read numbers: `4, 8, 12`, `1..5`, `4..12 step 2`, and `random 4` where numbers may be drawn.
 * @param {string} text
 * @param {Limits} limits
 * @param {(at: number) => number} draw Returns the same for the same place, so that reading twice gives the same.
 * @returns {Read<number>}
 */
export function readNumbers(text, limits, draw) {
    const problems = /** @type {string[]} */ ([]);
    const values = /** @type {number[]} */ ([]);
    let drawn = 0;
    for (const item of itemsOf(text)) {
        const random = limits.mayDraw ? RANDOM.exec(item) : null;
        const wanted = random ? Number(random[1] ?? 1) : 0;
        const found = random
            ? several(item, wanted, problems, (at) => draw(drawn + at))
            : numbersOf(item, limits, problems);
        drawn += random ? found.length : 0;
        values.push(...found);
    }
    return checked(values, [...problems, ...values.flatMap((value) => against(value, limits))], String);
}

/**
 * Read sizes: `512x512, 768 x 512`.
 * @param {string} text
 * @param {Limits} width
 * @param {Limits} height
 * @returns {Read<Size>}
 */
export function readSizes(text, width, height) {
    const problems = /** @type {string[]} */ ([]);
    const values = itemsOf(text).flatMap((item) => {
        const [, across, down] = SIZE.exec(item) ?? [];
        if (!across || !down) problems.push(`“${item}” is no size: write it as 512x768.`);
        return across && down ? [{ width: Number(across), height: Number(down) }] : [];
    });
    const wrong = values.flatMap((one) => [...against(one.width, width), ...against(one.height, height)]);
    return checked(values, [...problems, ...new Set(wrong)], (one) => `${one.width}x${one.height}`);
}

/**
 * Read texts, one a line. A line of two quotes is the empty text.
 * @param {string} text
 * @returns {Read<string>}
 */
export function readLines(text) {
    const lines = text.split('\n').map((line) => line.trim());
    return checked(
        lines.filter(Boolean).map((line) => (line === '""' ? '' : line)),
        [],
        shownText,
    );
}

/**
 * Read words of a prompt: the first stands there now, each of the others is put in its place.
 * @param {string} text Such as `cat, dog, "fox, red"`.
 * @param {string} prompt
 * @returns {Read<{ from: string, to: string }>} The first is the prompt as it is.
 */
export function readWords(text, prompt) {
    const items = itemsOf(text, true);
    const [from = ''] = items;
    const problems = from && !prompt.includes(from) ? [`“${from}” does not stand in the prompt.`] : [];
    if (items.length === 1) problems.push('Name at least one to put in its place: word, other.');
    return checked(
        items.map((to) => ({ from, to })),
        problems,
        ({ to }) => shownText(to),
    );
}

/**
 * Check what was chosen from a list.
 * @template {string | number | boolean} T
 * @param {readonly T[]} chosen
 * @returns {Read<T>}
 */
export const readChosen = (chosen) => checked([...chosen], [], String);

/**
 * Split at commas and ends of lines, but not within quotes.
 * @param {string} text
 * @param {boolean} [isQuoted] Whether quotes hold together, and `""` is an empty item.
 * @returns {string[]}
 */
export function itemsOf(text, isQuoted = false) {
    if (!isQuoted)
        return text
            .split(/[,;\n]/)
            .map((one) => one.trim())
            .filter(Boolean);
    const found = text.match(/\s*"[^"\n]*"\s*(?=,|\n|$)|[^,\n]+/g) ?? [];
    return found
        .map((one) => one.trim())
        .filter(Boolean)
        .map((one) => (/^".*"$/.test(one) ? one.slice(1, -1) : one));
}

/**
 * @param {string} item
 * @param {Limits} limits
 * @param {string[]} problems Gets what is wrong.
 * @returns {number[]}
 */
function numbersOf(item, limits, problems) {
    if (SINGLE.test(item)) return [Number(item)];
    const [, from, to, step = '1'] = RANGE.exec(item) ?? [];
    if (from === undefined || to === undefined) {
        problems.push(`“${item}” is neither a number nor a range: ${waysOf(limits)}.`);
        return [];
    }
    const by = Number(step);
    if (by <= 0) {
        problems.push(`“${item}”: the step must be more than 0.`);
        return [];
    }
    const [first, last] = [Number(from), Number(to)];
    const sign = last < first ? -1 : 1;
    const digits = Math.max(...[from, to, step].map(digitsOf));
    const count = Math.floor(Math.abs(last - first) / by + 1e-9) + 1;
    return several(item, count, problems, (at) => Number((first + sign * at * by).toFixed(digits)));
}

/**
 * @param {string} item
 * @param {number} count
 * @param {string[]} problems
 * @param {(at: number) => number} value
 */
function several(item, count, problems, value) {
    if (count > MOST_VALUES) problems.push(`“${item}” are ${count} values: ${MOST_VALUES} is the most.`);
    return Array.from({ length: Math.min(count, MOST_VALUES) }, (_, at) => value(at));
}

/** @param {Limits} limits */
const waysOf = ({ mayDraw }) => `write 4, 8, 12 or 4..12 step 2${mayDraw ? ' or random 4' : ''}`;

/** @param {string} number */
const digitsOf = (number) => number.split('.')[1]?.length ?? 0;

/**
 * @param {number} value
 * @param {Limits} limits
 * @returns {string[]}
 */
function against(value, { least, most, multiple, isWhole }) {
    if (least !== null && value < least) return [`${value} is too little: ${least} is the least.`];
    if (most !== null && value > most) return [`${value} is too much: ${most} is the most.`];
    if (isWhole && !Number.isInteger(value)) return [`${value} is no whole number.`];
    const times = multiple ? value / multiple : 0;
    return Math.abs(times - Math.round(times)) < 1e-9 ? [] : [`${value} is no multiple of ${multiple}.`];
}

/**
 * @template T
 * @param {T[]} values
 * @param {string[]} problems
 * @param {(value: T) => string} shown
 * @returns {Read<T>}
 */
function checked(values, problems, shown) {
    const all = values.map(shown);
    const twice = new Set(all.filter((one, at) => all.indexOf(one) !== at));
    const many = values.length > MOST_VALUES ? [`${values.length} values: ${MOST_VALUES} is the most.`] : [];
    return { values, problems: [...problems, ...[...twice].map((one) => `${one} is there twice.`), ...many] };
}

/** @param {string} text */
const shownText = (text) => (text ? `“${text}”` : 'The empty text');
