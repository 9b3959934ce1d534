import { LANES_PER_GROUP, STEPS_PER_TILE } from '../tiles/grid';
import { LANE_BITS } from './instances';
import { HALVED } from './theme';

/** Where the four words of a rectangle go in. */
export const RECTANGLE_LOCATION = 0;

/** Significant bits of the coarse part of a length: multiplied by as many steps as a tile has, it is still exact in 24 bits. */
const COARSE_BITS = 12;

/**
 * A length as the shader takes it: `coarse` and what is missing in it. Steps times `coarse` are exact, and steps times `fine`
 * are a few pixels at most wherever the result lies on a screen, so that places are as good as those of 64-bit arithmetic.
 */
export function split(length: number): readonly [coarse: number, fine: number] {
  if (length === 0) return [0, 0];
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(length))) + 1 - COARSE_BITS);
  const coarse = Math.round(length / unit) * unit;
  return [coarse, length - coarse];
}

/** A place as the shader takes it: the whole pixel, and the rest. */
export function wholeAndRest(pixels: number): readonly [whole: number, rest: number] {
  const whole = Math.floor(pixels);
  return [whole, pixels - whole];
}

/**
 * In device pixels, by the rules of the 2D canvas. `origin` is the place of `firstStep`; `clip` is left and right; `shape` has the gap,
 * the width from which there is one, and the height; of a lane there are the place of its top and the number of rows, 0 where it is out of sight.
 */
const VERTEX = `#version 300 es
layout(location = ${RECTANGLE_LOCATION}) in uvec4 rectangle;
uniform vec2 size;
uniform uint firstStep;
uniform vec2 origin;
uniform vec2 perStep;
uniform vec2 perRow;
uniform vec2 clip;
uniform vec3 shape;
uniform vec3 lanes[${LANES_PER_GROUP}];
uniform highp sampler2D fills;
flat out vec4 color;

float place(float steps, vec2 from, vec2 each) {
  float coarse = steps * each.x;
  float whole = floor(coarse);
  return from.x + whole + floor(coarse - whole + steps * each.y + from.y + 0.5);
}

void main() {
  vec3 lane = lanes[rectangle.z & ${(1 << LANE_BITS) - 1}u];
  float depth = float(rectangle.z >> ${LANE_BITS});
  if (depth >= lane.z) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  float gap = shape.x;
  float x0 = place(float(int(rectangle.x - firstStep)), origin, perStep);
  float x1 = place(float(int(rectangle.y - firstStep)), origin, perStep);
  if (x1 == x0) x1 += 1.0;
  bool ends = x1 < clip.y || (x1 == clip.y && rectangle.y < ${STEPS_PER_TILE}u);
  if (ends && x1 - x0 > shape.y) x1 -= gap;
  float top = place(depth, lane.xy, perRow);
  float x = clamp((gl_VertexID & 1) == 0 ? x0 : x1, clip.x, clip.y);
  float bottom = top + shape.z;
  if (rectangle.w >= ${HALVED}u) top = bottom - floor(0.5 * shape.z);
  float y = (gl_VertexID & 2) == 0 ? top : bottom;
  gl_Position = vec4(2.0 * x / size.x - 1.0, 1.0 - 2.0 * y / size.y, 0.0, 1.0);
  color = texelFetch(fills, ivec2(rectangle.w, 0), 0);
}
`;

const FRAGMENT = `#version 300 es
precision highp float;
flat in vec4 color;
out vec4 pixel;
void main() {
  pixel = color;
}
`;

const UNIFORMS = ['size', 'firstStep', 'origin', 'perStep', 'perRow', 'clip', 'shape', 'lanes', 'fills'] as const;

export type RectangleUniforms = Readonly<Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>>;

/** Builds the program and makes it the current one; `null` where the driver refuses it. */
export function useRectangleProgram(gl: WebGL2RenderingContext): RectangleUniforms | null {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(type);
    if (!shader) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
  gl.useProgram(program);
  return Object.fromEntries(UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)])) as RectangleUniforms;
}
