/** A recipe and how it came to be, as a tree that can be read aloud. Pure. */

/** @typedef {{ id: string, title: string, text?: string, tone?: 'warn' | 'dim', branches?: Branch[] }} Branch */

/** @type {Array<[phase: string, title: string]>} */
const PHASES = [
    ['parsing', 'What the text says'],
    ['policy', 'What it may show'],
    ['selection', 'Categories'],
    ['workflow', 'Workflow and model'],
    ['composition', 'Prompt'],
    ['loras', 'LoRAs'],
    ['settings', 'Settings'],
    ['recipe', 'Recipe'],
];

/**
 * Return the branches of what was composed.
 * @param {Wire<'Composed'>} composed
 * @param {(id: string) => string} nameOf What a category is called.
 * @returns {Branch[]}
 */
export function treeOf(composed, nameOf) {
    const { recipe, explanation, conflicts } = composed;
    return [
        branch('recipe', 'Merged recipe', '', recipeBranches(recipe)),
        branch(
            'categories',
            'Categories used',
            '',
            recipe.categories.map((id) => leaf(`category-${id}`, nameOf(id))),
        ),
        branch('how', 'How it came to be', explanation.summary, stepBranches(explanation.steps, nameOf)),
        branch(
            'conflicts',
            'Settled conflicts',
            '',
            conflicts.map((one, at) => {
                const who = `${wisher(one.kept, nameOf)} over ${wisher(one.dropped, nameOf)}`;
                return leaf(
                    `conflict-${at}`,
                    one.about === 'category' ? who : `${one.about}: ${who}`,
                    one.reason,
                    'warn',
                );
            }),
        ),
        branch(
            'rejected',
            'Left out',
            '',
            explanation.rejected.map((one, at) => leaf(`rejected-${at}`, one.what, one.reason, 'dim')),
        ),
    ].filter((one) => one.branches?.length);
}

/**
 * @param {Wire<'Recipe'>} recipe
 * @returns {Branch[]}
 */
function recipeBranches(recipe) {
    const size = recipe.width && recipe.height ? `${recipe.width} × ${recipe.height}` : null;
    /** @type {Array<[string, unknown]>} */
    const said = [
        ['Prompt', recipe.positive_prompt],
        ['Negative prompt', recipe.negative_prompt],
        ['Workflow', recipe.workflow],
        ['Model', recipe.checkpoint],
        ['LoRAs', recipe.loras.map((one) => `${one.filename} (${one.strength})`).join(', ')],
        ['Size', size],
        ['Steps', recipe.steps],
        ['Cfg', recipe.cfg],
        ['Sampler', [recipe.sampler, recipe.scheduler].filter(Boolean).join(', ')],
        ['Denoise', recipe.denoise],
        ['Tier', recipe.tier],
    ];
    return said
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([title, value]) => leaf(`recipe-${title}`, title, String(value)));
}

/**
 * @param {readonly Wire<'ExplanationStep'>[]} steps
 * @param {(id: string) => string} nameOf
 * @returns {Branch[]}
 */
function stepBranches(steps, nameOf) {
    const known = new Set(PHASES.map(([phase]) => phase));
    const others = [...new Set(steps.map((one) => one.phase))].filter((phase) => !known.has(phase));
    return [...PHASES, ...others.map((phase) => /** @type {[string, string]} */ ([phase, phase]))]
        .map(([phase, title]) => {
            const own = steps.filter((one) => one.phase === phase);
            return branch(
                `phase-${phase}`,
                title,
                '',
                own.map((one, at) =>
                    leaf(
                        `step-${phase}-${at}`,
                        one.detail,
                        nameOf(one.source) === one.source ? '' : nameOf(one.source),
                    ),
                ),
            );
        })
        .filter((one) => one.branches?.length);
}

/**
 * @param {string} id
 * @param {(id: string) => string} nameOf
 */
const wisher = (id, nameOf) => (id === 'you' ? 'You' : nameOf(id));

/** @returns {Branch} */
function branch(
    /** @type {string} */ id,
    /** @type {string} */ title,
    /** @type {string} */ text,
    /** @type {Branch[]} */ branches,
) {
    return { id, title, ...(text && { text }), branches };
}

/**
 * @param {string} id
 * @param {string} title
 * @param {string} [text]
 * @param {'warn' | 'dim'} [tone]
 * @returns {Branch}
 */
function leaf(id, title, text, tone) {
    return { id, title, ...(text && { text }), ...(tone && { tone }) };
}
