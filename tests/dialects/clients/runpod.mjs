/** Drives `runpod-sdk` as an endpoint of `worker-comfyui` is asked: node runpod.mjs URL [begin | resume ID | keyed KEY]. */

import runpodSdk from 'runpod-sdk';
import { copied, endless, impossible, PNG, picture, sampled } from './graphs.mjs';
import { sumOf, tell, tried, triedTogether, until } from './told.mjs';

const [address, mode, word] = process.argv.slice(2);
const endpointOf = (key) => runpodSdk(key, { baseUrl: `${address}/v2` }).endpoint('comfyui');
const endpoint = endpointOf('any');

const input = (workflow, rest = {}) => ({ input: { workflow, ...rest } });
const imagesOf = (output) =>
    output.images.map(({ filename, type, data }) => ({ filename, type, ...sumOf(Buffer.from(data, 'base64')) }));
const doneOf = ({ output, id, delayTime, executionTime, ...rest }) => ({
    ...rest,
    id: typeof id,
    times: [typeof delayTime, typeof executionTime],
    images: imagesOf(output),
});
const statusOf = ({ status, completed, succeeded }) => ({ status, completed, succeeded });
const isRunning = async (id) => (await endpoint.status(id)).status === 'IN_PROGRESS';

async function making() {
    await tried('runSync', () => endpoint.runSync(input(sampled())), doneOf);
    const { id } = await tried(
        'run',
        () => endpoint.run(input(picture())),
        (given) => [Object.keys(given).sort(), given.status],
    );
    await tried('statusSync', () => endpoint.statusSync(id), doneOf);
    await tried('status', () => endpoint.status(id), doneOf);
    const images = [{ name: 'sent.png', image: PNG.toString('base64') }];
    await tried('runSync with an image', () => endpoint.runSync(input(copied('sent.png'), { images })), doneOf);
    const other = [{ name: 'other.png', image: `data:image/png;base64,${PNG.toString('base64')}` }];
    await tried(
        'runSync with a data URI',
        () => endpoint.runSync(input(copied('other.png'), { images: other })),
        doneOf,
    );
}

async function streaming() {
    const { id } = await endpoint.run(input(sampled()));
    const told = [];
    await tried(
        'stream',
        async () => {
            for await (const one of endpoint.stream(id)) told.push(one);
        },
        () => told.length,
    );
    tell('outputs of the stream', true, { result: told.map(({ output }) => Object.keys(output).sort()) });
}

async function refusing() {
    await triedTogether({
        'runSync of what cannot be': [
            () => endpoint.runSync(input(impossible())),
            ({ status, error, completed, succeeded }) => ({ status, error, completed, succeeded }),
        ],
        'runSync without a workflow': [
            () => endpoint.runSync({ input: {} }),
            ({ status, error }) => ({ status, error }),
        ],
        'status of nobody': () => endpoint.status('00000000-0000-4000-8000-000000000000'),
        'cancel of nobody': () => endpoint.cancel('00000000-0000-4000-8000-000000000000'),
    });
}

async function stopping() {
    const { id } = await endpoint.run(input(endless()));
    await until(() => isRunning(id));
    await tried('health', () => endpoint.health());
    const waiting = await Promise.all(Array.from({ length: 4 }, () => endpoint.run(input(endless()))));
    await tried('purgeQueue', () => endpoint.purgeQueue());
    await tried(
        'cancel',
        () => endpoint.cancel(id),
        ({ status }) => status,
    );
    await tried('status of the cancelled', () => endpoint.statusSync(id), statusOf);
    const ends = await Promise.all(
        waiting.map(async (one) => {
            if (await isRunning(one.id)) await endpoint.cancel(one.id);
            return (await endpoint.statusSync(one.id)).status;
        }),
    );
    tell('status of the purged', true, { result: ends });
    await tried(
        'cancel again',
        () => endpoint.cancel(id),
        ({ status }) => status,
    );
}

async function begin() {
    const { id } = await endpoint.run(input(sampled({ steps: 100 })));
    await until(() => isRunning(id));
    tell('begun', true, { result: id });
    await endpoint.statusSync(id);
}

async function resume(jobId) {
    await tried('status after the crash', () => endpoint.status(jobId), statusOf);
    await tried('statusSync after the crash', () => endpoint.statusSync(jobId), doneOf);
}

async function keyed() {
    await tried('without a key', () => endpoint.health());
    await tried(
        'with a key',
        () => endpointOf(word).runSync(input(picture())),
        ({ output }) => imagesOf(output)[0],
    );
}

if (mode === 'begin') await begin();
else if (mode === 'resume') await resume(word);
else if (mode === 'keyed') await keyed();
else {
    await Promise.all([making(), streaming(), refusing()]);
    await stopping();
}
