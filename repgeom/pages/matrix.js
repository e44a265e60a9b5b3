/** The numbers of an RDM that `packed` packed, in its unit. */
async function unpack({planes, steps}) {
  const bytes = Uint8Array.from(atob(steps), character => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const held = new Uint8Array(await new Response(stream).arrayBuffer()), n = held.length / planes;
  return Uint16Array.from({length: n}, (_, i) => held[i] | (planes > 1 ? held[n + i] << 8 : 0));
}

/** Where the pair of stimuli i ≠ j stands in the upper triangle of n stimuli, row by row. */
function pairOf(i, j, n) {
  const [low, high] = i < j ? [i, j] : [j, i];
  return low * (2 * n - low - 1) / 2 + high - low - 1;
}

function inUnits(steps, {unit, digits}) {
  return (steps * unit).toFixed(Math.max(digits, 0));
}

/** Share of the colour map for every number of steps: linear up to `largest`, or by rank among `values`. */
function shares(values, largest, byRank) {
  const found = new Float32Array(largest + 1);
  if (!byRank) return found.map((_, step) => step / (largest || 1));
  for (const value of values) found[value] += 1;
  let below = 0;
  return found.map(count => { const middle = (below + count / 2) / values.length; below += count; return middle; });
}

/** Draw an RDM of n stimuli on a canvas, a pixel a cell. */
function drawMatrix(canvas, values, n, share, colours) {
  canvas.width = canvas.height = n;
  const context = canvas.getContext("2d"), image = context.createImageData(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const step = i === j ? 0 : values[pairOf(i, j, n)];
      const colour = colours[Math.min(255, Math.floor(256 * share[step]))];
      image.data.set([...colour, 255], 4 * (i * n + j));
    }
  }
  context.putImageData(image, 0, 0);
}

/** Let an element show image i of a sheet. */
function showTile(element, {source, columns, rows, width, height}, i, description) {
  const place = (index, count) => `${count > 1 ? 100 * index / (count - 1) : 0}%`;
  element.style.background = `url(${source}) ${place(i % columns, columns)} ${place(Math.floor(i / columns), rows)}`;
  element.style.backgroundSize = `${100 * columns}% ${100 * rows}%`;
  element.style.aspectRatio = `${width} / ${height}`;
  element.setAttribute("aria-label", description);
}
