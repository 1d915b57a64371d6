/** Searches the workflows. Pure. */

/** @typedef {Wire<'WorkflowSummary'>} Summary */
/** @typedef {{ text: string, source: '' | 'shipped' | 'saved', output: '' | 'image' | 'video' }} Filter */

/**
 * Return those that have all words of the text and are of the kind wanted: what was saved first, each by its title.
 * @param {readonly Summary[]} all
 * @param {Filter} filter
 */
export function matching(all, { text, source, output }) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return all
        .filter((one) => (!source || one.source === source) && (!output || one.output === output))
        .filter((one) => {
            const said = `${one.name} ${one.title} ${one.summary}`.toLowerCase();
            return words.every((word) => said.includes(word));
        })
        .sort((a, b) => Number(a.source === 'shipped') - Number(b.source === 'shipped') || byTitle(a, b));
}

/**
 * @param {Summary} a
 * @param {Summary} b
 */
const byTitle = (a, b) => titleOf(a).localeCompare(titleOf(b), 'en', { numeric: true });

/** What a workflow is called; its name, where it has no title. */
export const titleOf = (/** @type {{ name: string, title: string }} */ one) => one.title || one.name;
