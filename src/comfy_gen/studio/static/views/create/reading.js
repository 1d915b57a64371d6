/** What a text was understood as, made ready to be shown; and how the text is changed for it. Pure. */

/** @typedef {Wire<'Preview'>} Preview */
/** @typedef {'subject' | 'setting' | 'modifier' | 'style'} Kind */
/**
 * @typedef {object} Chip
 * @property {string} id
 * @property {Kind} kind
 * @property {string} name
 * @property {'tag' | 'inferred' | 'required' | 'possible' | 'without'} source `possible`: the words speak for it, and it is not used.
 * @property {string} said The words of the text that speak for it.
 * @property {number} confidence
 */

/** The service's own number of categories for a picture, and the most that it takes. */
const USUAL = 3;
const MOST = 10;
const TAG = /(?<![\w\\@.+-])@[A-Za-z0-9](?:[\w-]*[A-Za-z0-9])?(?![@\w])/g;

/** @type {Record<Kind, string>} */
export const KINDS = { subject: 'Subject', setting: 'Setting', modifier: 'Modifier', style: 'Style' };

/**
 * Return how many categories are to be used at most: all that are named outright, and as many as is usual otherwise.
 * @param {string} text
 */
export function roomFor(text) {
    const named = new Set((text.match(TAG) ?? []).map((one) => one.toLowerCase()));
    return Math.min(Math.max(named.size, USUAL), MOST);
}

/**
 * Return a chip for each category: those that are used, then those that could be, then those that somebody took out.
 * @param {Preview | null} preview
 * @param {string} text The one that it is a preview of.
 * @param {readonly string[]} without
 * @param {(id: string) => { type: string, display_name: string } | undefined} known
 * @returns {Chip[]}
 */
export function chipsOf(preview, text, without, known) {
    const used = (preview?.categories ?? []).map((one) => chipOf(one, one.source, text));
    const there = new Set([...used.map((one) => one.id), ...without]);
    const possible = (preview?.categories_inferred ?? [])
        .filter((one) => !there.has(one.id))
        .map((one) => chipOf(one, 'possible', text));
    const removed = without.map((id) => {
        const kind = /** @type {Kind} */ (known(id)?.type ?? 'subject');
        return /** @type {Chip} */ ({
            id,
            kind,
            name: known(id)?.display_name ?? id,
            source: 'without',
            said: '',
            confidence: 0,
        });
    });
    return [...used, ...possible, ...removed];
}

/**
 * @param {{ id: string, type: string, display_name: string, confidence: number, spans: number[][] }} one
 * @param {Chip['source']} source
 * @param {string} text
 * @returns {Chip}
 */
function chipOf(one, source, text) {
    const points = [...text];
    const said = one.spans.map(([from, to]) => points.slice(from, to).join('')).join(', ');
    return {
        ...{ id: one.id, kind: /** @type {Kind} */ (one.type), name: one.display_name },
        ...{ source, said, confidence: one.confidence },
    };
}

/**
 * Take a tag out of a text, each time that it stands there, with its weight and brackets and a blank or comma too many.
 * @param {string} text
 * @param {string} id
 */
export function withoutTag(text, id) {
    const name = `@${literal(id)}(?![\\w-]*\\w)`;
    const found = new RegExp(`(^|[\\s,]*)(?:\\(+\\s*${name}\\s*(?::\\s*[\\d.]+\\s*)?\\)+|${name}(?::[\\d.]+)?)`, 'gi');
    return text
        .replace(found, '')
        .replace(/^[\s,]+/, '')
        .replace(/[ \t]{2,}/g, ' ');
}

/**
 * Put another tag in place of one.
 * @param {string} text
 * @param {string} wrong
 * @param {string} right
 */
export function corrected(text, wrong, right) {
    return text.replace(new RegExp(`@${literal(wrong)}(?![\\w-]*\\w)`, 'gi'), () => `@${right}`);
}

/**
 * Put something into a text where the cursor is, with a blank on each side that needs one.
 * @param {string} text
 * @param {string} what
 * @param {number} from The selection, which it replaces.
 * @param {number} to
 * @returns {{ text: string, at: number }} `at` is where the cursor goes on.
 */
export function inserted(text, what, from, to = from) {
    const [before, after] = [text.slice(0, from), text.slice(to)];
    const put = `${before && !/\s$/.test(before) ? ' ' : ''}${what}`;
    const gap = after && !/^[\s,.;]/.test(after) ? ' ' : '';
    return { text: before + put + gap + after, at: (before + put + gap).length };
}

/**
 * Say how two wishes were settled.
 * @param {Wire<'Conflict'>} conflict
 * @param {(id: string) => string} nameOf
 */
export function conflictSentence({ kept, dropped, about, reason }, nameOf) {
    const [winner, loser] = [kept, dropped].map((id) => (id === 'you' ? 'what you said' : nameOf(id)));
    const matter = about === 'category' ? '' : `${about}: `;
    return `${matter}${winner} goes before ${loser}. ${capitalised(reason)}.`;
}

/** @param {Wire<'Violation'>} violation */
export const violationSentence = ({ id, kind, needs }) =>
    `${kind === 'category' ? `The category ${id}` : `“${id}”`} needs the tier ${needs}.`;

/**
 * Return the tag that a text asks for and the service did not use, although there is such a category.
 * @param {Preview | null} preview
 */
export function unusedTags(preview) {
    const used = new Set((preview?.categories ?? []).map((one) => one.id));
    const dropped = new Set((preview?.conflicts ?? []).map((one) => one.dropped));
    return (preview?.tags_found ?? []).filter((id) => !used.has(id) && !dropped.has(id));
}

/** Which tiers somebody may ask for who has one. */
export const tiersUpTo = (/** @type {string} */ tier) => {
    const all = ['general', 'mature', 'explicit'];
    return all.slice(0, all.indexOf(tier) + 1);
};

/** @param {string} text */
const literal = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** @param {string} text */
const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);
