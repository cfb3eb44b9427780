"""The GLSL programs of the floor and what is drawn on it, version 3.30 core, as text.

What viewer3d/shaders.py says of space and light holds here too.
"""

from __future__ import annotations

from viewer3d.shaders import LIGHT, OCCLUSION, TO_SCREEN, VERSION

FULL_VERTEX = (
    VERSION
    + """
void main() {
    vec2 across = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(across * 2.0 - 1.0, 1.0, 1.0);
}
"""
)

# What capsules darken: a rectangle on the floor that lies along the key light's way. Across it the shadow of whoever
# stands upright is no wider than she is.
_DARKENED = """
uniform sampler2D occluders;            // texel (0, i) end a and radius a, texel (1, i) end b and radius b
uniform float sky_reach;                // in radii: how far away a capsule hides too little of the sky to tell

vec4 bounds(vec4 ball, vec2 way) {      // of what a ball darkens, along the way and across it: least two, most two
    float height = max(ball.y, 0.0), throw = height / key_direction.y;
    vec2 at = vec2(dot(ball.xz, way), dot(ball.xz, vec2(-way.y, way.x)));
    vec2 under = at - vec2(throw * length(key_direction.xz), 0.0);
    // The half shadow grows with the way to the floor, on which it lies longer than it is wide.
    vec2 soft = (ball.w + 0.10 * throw) * vec2(1.0 / key_direction.y, 1.0);
    // A sphere hides less of the sky where it is seen low: 5.7 radii aside of any it is not half a step of 256.
    float aside2 = min(sky_reach * sky_reach * ball.w * ball.w - height * height, 32.5 * ball.w * ball.w);
    float reach = sqrt(max(aside2, 0.0));
    vec4 key = vec4(under - soft, under + soft);
    // What is high up hides no sky, and its shadow falls far away: the floor between has nothing to do with it.
    return reach > 0.0 ? vec4(min(key.xy, at - reach), max(key.zw, at + reach)) : key;
}

// x, z of this vertex's corner around what capsules from `first` to before `end` darken, and `margin_m` more.
vec2 darkened(int first, int end, float margin_m) {
    vec2 way = normalize(key_direction.xz);
    vec4 all = vec4(1e6, 1e6, -1e6, -1e6);
    for (int i = 2 * first; i < 2 * end; i++) {
        vec4 ball = bounds(texelFetch(occluders, ivec2(i & 1, i >> 1), 0), way);
        all = vec4(min(all.xy, ball.xy), max(all.zw, ball.zw));
    }
    vec2 at = mix(all.xy - margin_m, all.zw + margin_m, vec2(gl_VertexID & 1, gl_VertexID >> 1));
    return at.x * way + at.y * vec2(-way.y, way.x);
}
"""

# What reaches the floor, drawn from above into a small texture: red the key light, alpha the sky. Each capsule
# draws only where it darkens: the least of the keys counts, and the skies are multiplied.
FLOOR_LIGHT_VERTEX = (
    VERSION
    + "uniform vec3 key_direction;\n"
    + _DARKENED
    + """
uniform vec4 floor_patch;               // x, z, width, depth in metres
out vec3 at_m;
flat out vec4 one;
flat out vec4 other;

void main() {
    one = texelFetch(occluders, ivec2(0, gl_InstanceID), 0);
    other = texelFetch(occluders, ivec2(1, gl_InstanceID), 0);
    vec2 at = darkened(gl_InstanceID, gl_InstanceID + 1, 0.0);
    at_m = vec3(at.x, 0.0, at.y);
    gl_Position = vec4((at - floor_patch.xy) / floor_patch.zw * 2.0 - 1.0, 0.0, 1.0);
}
"""
)

FLOOR_LIGHT_FRAGMENT = (
    VERSION
    + OCCLUSION
    + """
in vec3 at_m;
flat in vec4 one;
flat in vec4 other;
uniform vec3 key_direction;
uniform float sky_reach;
out vec4 colour;

// Soft shadow of a capsule along a ray (Quilez, "capsule soft shadow"): how close the ray passes,
// against how far away; sharp at the contact, wide further off.
float key_past(vec3 p, vec4 a, vec4 b) {
    vec3 along = b.xyz - a.xyz, from = p - a.xyz;
    float ray = dot(from, key_direction), lean = dot(key_direction, along);
    float span = max(dot(along, along), 1e-8), there = dot(from, along);
    vec2 at = vec2(-ray * span + lean * there, there - ray * lean) / max(span - lean * lean, 1e-6);
    at = vec2(max(at.x, 1e-3), clamp(at.y, 0.0, 1.0));
    // The end was clamped, so the nearest point on the ray is found anew.
    at.x = max(dot(a.xyz + along * at.y - p, key_direction), 1e-3);
    float gap = length(a.xyz + along * at.y - p - key_direction * at.x) - mix(a.w, b.w, at.y);
    float lit = clamp(6.5 * gap / at.x + 0.5, 0.0, 1.0);
    return lit * lit * (3.0 - 2.0 * lit);
}

void main() {
    float least = 1.0 / (sky_reach * sky_reach);    // what is left at the rim is taken away everywhere
    float hidden = max(hidden_by(at_m, vec3(0.0, 1.0, 0.0), one, other) - least, 0.0);
    colour = vec4(key_past(at_m, one, other), 0.0, 0.0, 1.0 - 0.8 * hidden);
}
"""
)

# What lights a point of the floor, and where the floor has faded into the backdrop.
_FLOOR = """
uniform vec3 stage_m;                   // middle of the lit floor
uniform float stage_radius_m;           // where it has faded away
uniform vec4 floor_patch;
uniform sampler2D floor_light;
uniform vec2 unlit;                     // how bright the floor is far from the lamp: its key light, its sky

vec2 pool_at(float far2) {              // key and sky on a bare floor; far2: squared distance from the middle
    return mix(unlit, vec2(1.0), exp(-far2 / 14.0));    // the lamp's cone: brightest where the dance is
}
vec2 shaded_at(vec2 p) {                // what figures leave of key and sky
    vec2 at = (p - floor_patch.xy) / floor_patch.zw;
    vec2 inside = step(vec2(0.0), at) * step(at, vec2(1.0));
    return mix(vec2(1.0), texture(floor_light, at).ra, inside.x * inside.y);
}
vec3 light_of(vec2 part) { return KEY * key_direction.y * part.x + SKY * part.y; }
vec3 light_at(vec2 p, float far2) { return light_of(shaded_at(p) * pool_at(far2)); }
float faded_at(float far2) { return smoothstep(0.28, 0.98, sqrt(far2) / stage_radius_m); }
"""

# The floor and what is behind it, in one pass.
STAGE_VERTEX = (
    VERSION
    + """
uniform mat4 clip_to_world;
uniform vec3 eye_m;
out vec3 ray;                           // from the eye, not unit
void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    gl_Position = vec4(corner, 0.0, 1.0);
    vec4 far = clip_to_world * vec4(corner, 1.0, 1.0);
    ray = far.xyz / far.w - eye_m;
}
"""
)

_BACKDROP = """
in vec3 ray;
uniform vec3 horizon;
uniform vec3 zenith;
out vec4 colour;
float height_of(vec3 ray) { return smoothstep(-0.01, 0.24, ray.y * inversesqrt(dot(ray, ray))); }
vec3 backdrop(float height) { return mix(horizon, zenith, height); }
"""

# The backdrop alone, where the floor has faded away.
BACKDROP_FRAGMENT = (
    VERSION + LIGHT + TO_SCREEN + _BACKDROP + "void main() { colour = to_screen(backdrop(height_of(ray))); }\n"
)

_SURFACE = """
uniform vec3 tile;                      // paint of the light tiles
uniform vec2 shades;                    // the dark tiles' and the lines' share of it

// Checker and lines averaged over the pixel (Quilez, "filtered checkerboard"): neither flickers far away.
float checker(vec2 p, vec2 w) {
    vec2 i = 2.0 * (abs(fract((p - 0.5 * w) * 0.5) - 0.5) - abs(fract((p + 0.5 * w) * 0.5) - 0.5)) / w;
    return 0.5 - 0.5 * i.x * i.y;
}
float lines(vec2 p, vec2 w, float width) {
    vec2 a = p + 0.5 * (w + width), b = p - 0.5 * (w - width);
    vec2 part = floor(a) + min(fract(a) / width, 1.0) - floor(b) - min(fract(b) / width, 1.0);
    part *= width / w;
    return clamp(part.x + part.y - part.x * part.y, 0.0, 1.0);
}
float shade_at(vec2 p) {                // the share of the tile's paint
    vec2 w = max(abs(dFdx(p)) + abs(dFdy(p)), vec2(1e-4));
    float shade = mix(shades.x, 1.0, checker(p, w));
    return mix(shade, shades.y, 0.55 * lines(p, w, 0.012) + 0.16 * lines(p + 0.5, w, 0.008));
}
"""

_MET = """
vec2 floor_met() {                      // by the ray; far away where it meets none
    return eye_m.xz + ray.xz * (ray.y < -1e-5 && eye_m.y > 0.0 ? -eye_m.y / ray.y : 1e4);
}
"""

# The floor that nobody darkens, and the backdrop.
STAGE_FRAGMENT = (
    VERSION
    + LIGHT
    + TO_SCREEN
    + _FLOOR
    + _BACKDROP
    + _SURFACE
    + _MET
    + """
void main() {
    vec2 p = floor_met(), from = p - stage_m.xz;
    float far2 = dot(from, from);
    vec3 surface = tile * shade_at(p) * light_of(pool_at(far2));
    colour = to_screen(mix(surface, backdrop(height_of(ray)), faded_at(far2)));
}
"""
)

# What a bare stage's picture is made of, while the camera rests: shares of the tile's paint in the key light and in
# the sky's, how far the floor has faded, and (drawn after it) how much of it the stage's frame covers.
STAGE_PARTS_FRAGMENT = (
    VERSION
    + LIGHT
    + _FLOOR
    + _BACKDROP
    + _SURFACE
    + _MET
    + """
void main() {
    vec2 p = floor_met(), from = p - stage_m.xz;
    float far2 = dot(from, from), fade = faded_at(far2);
    colour = vec4(shade_at(p) * (1.0 - fade) * pool_at(far2), fade, 0.0);
}
"""
)

# Where a figure darkens the floor.
PATCH_VERTEX = (
    VERSION
    + "uniform vec3 key_direction;\n"
    + _DARKENED
    + """
uniform mat4 view_projection;
uniform ivec2 own_occluders;            // of the first figure: its first; and how many a figure has
uniform float light_texel_m;
out vec2 on_floor;                      // x, z
void main() {
    int first = own_occluders.x + gl_InstanceID * own_occluders.y;
    on_floor = darkened(first, first + own_occluders.y, light_texel_m);
    gl_Position = view_projection * vec4(on_floor.x, 0.0, on_floor.y, 1.0);
}
"""
)

# The floor there: over the bare one while the camera moves.
DARKENED_FRAGMENT = (
    VERSION
    + LIGHT
    + TO_SCREEN
    + _FLOOR
    + _SURFACE
    + """
in vec2 on_floor;
uniform vec3 horizon;
out vec4 colour;
void main() {
    vec2 from = on_floor - stage_m.xz;
    float far2 = dot(from, from);
    vec3 surface = tile * shade_at(on_floor) * light_at(on_floor, far2);
    colour = to_screen(mix(surface, horizon, faded_at(far2)));
}
"""
)

# The same put together from the parts, with the frame that lies there: in software a sixth of what the floor costs.
PATCH_FRAGMENT = (
    VERSION
    + LIGHT
    + TO_SCREEN
    + _FLOOR
    + """
in vec2 on_floor;
uniform sampler2D parts;
uniform vec3 tile;
uniform vec3 horizon;
uniform vec3 frame_paint;               // of the frame's lines and words
uniform float glow;
out vec4 colour;
void main() {
    vec4 part = texelFetch(parts, ivec2(gl_FragCoord.xy), 0);
    vec2 left = shaded_at(on_floor), from = on_floor - stage_m.xz;
    vec3 surface = tile * light_of(left * part.rg) + part.b * horizon;
    vec3 mark = frame_paint * mix(light_of(left * pool_at(dot(from, from))), vec3(1.0), glow);
    colour = grained(mix(toned(surface), toned(mark), part.a));
}
"""
)

# Lines on the floor, as wide as so many metres but at least a pixel, and words.
MARK_VERTEX = (
    VERSION
    + """
layout(location = 0) in vec3 place_m;
layout(location = 1) in vec3 along;     // along the line; for words the place in the sheet of letters
layout(location = 2) in vec2 across;    // -1 or 1, and half the width in metres
layout(location = 3) in vec4 paint;     // linear colour and alpha
uniform mat4 view_projection;
uniform float m_per_px;                 // at one metre from the eye
uniform bool has_words;
out vec3 at;                            // x, z on the floor, and distance from the middle in halves of the width
out vec2 letter;
out vec4 own;
void main() {
    vec4 middle = view_projection * vec4(place_m, 1.0);
    float half_m = has_words ? 0.0 : max(across.y, 0.6 * m_per_px * middle.w);
    vec3 p = place_m + normalize(vec3(along.z, 0.0, -along.x) + vec3(1e-9, 0.0, 0.0)) * across.x * half_m * 1.25;
    at = vec3(p.xz, across.x * 1.25);
    letter = along.xy;
    own = paint;
    gl_Position = view_projection * vec4(p, 1.0);
}
"""
)

MARK_FRAGMENT = (
    VERSION
    + LIGHT
    + TO_SCREEN
    + _FLOOR
    + """
in vec3 at;
in vec2 letter;
in vec4 own;
uniform bool has_words;
uniform float glow;                     // how much of the light marks have of their own
uniform sampler2D letters;
out vec4 colour;
void main() {
    float inside = clamp((1.0 - abs(at.z)) / max(fwidth(at.z), 1e-4) + 0.5, 0.0, 1.0);
    if (has_words) inside = texture(letters, letter).r;
    vec2 from = at.xy - stage_m.xz;
    float far2 = dot(from, from);
    vec3 light = mix(light_at(at.xy, far2), vec3(1.0), glow);
    float alpha = own.a * inside * (1.0 - faded_at(far2));
    colour = vec4(to_screen(own.rgb * light).rgb, 1.0) * alpha;
}
"""
)

# The figures, drawn with several samples a pixel in a layer of their own and laid over the stage.
LAYER_FRAGMENT = (
    VERSION
    + """
uniform sampler2D layer;
out vec4 colour;
void main() { colour = texelFetch(layer, ivec2(gl_FragCoord.xy), 0); }
"""
)
