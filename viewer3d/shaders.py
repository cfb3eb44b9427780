"""The GLSL programs, version 3.30 core, as text.

World space is metres, y up, the floor at y = 0. Light is computed in linear light and leaves through
`to_screen`. Colours of light and surface stand here, those of the body come with its instances.
"""

from __future__ import annotations

_VERSION = "#version 330 core\n"

# What several programs share: the lamps, the backdrop and the way to the screen.
_LIGHT = """
uniform vec3 eye_m;
uniform vec3 key_direction;             // towards the lamp, unit
const vec3 KEY = vec3(1.00, 0.92, 0.80) * 1.60;
const vec3 SKY = vec3(0.56, 0.64, 0.78) * 0.44;
const vec3 GROUND = vec3(0.36, 0.32, 0.30) * 0.34;

vec3 backdrop(vec3 ray) {               // ray from the eye, unit
    vec3 horizon = vec3(0.034, 0.037, 0.043), zenith = vec3(0.0090, 0.0098, 0.0118);
    return mix(horizon, zenith, smoothstep(-0.01, 0.24, ray.y));
}

float grain(vec2 pixel) {               // interleaved gradient noise (Jimenez 2014), -0.5 to 0.5
    return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715)))) - 0.5;
}

// A gentle shoulder, then the sRGB curve. The grain is half a step of 8 bits: dark gradients do not band.
vec4 to_screen(vec3 light) {
    vec3 x = light * (1.0 + light / 12.0) / (1.0 + light * 0.62);
    // sRGB by square roots, within 0.002 (Chilliant 2012): powers cost a quarter of the picture in software.
    vec3 r = sqrt(max(x, 0.0)), rr = sqrt(r), rrr = sqrt(rr);
    x = max(0.662002687 * r + 0.684122060 * rr - 0.323583601 * rrr - 0.0225411470 * x, 0.0);
    return vec4(x + grain(gl_FragCoord.xy) / 255.0, 1.0);
}
"""

_OCCLUSION = """
// Occluders are capsules: texel (0, i) is end a and radius a, texel (1, i) end b and radius b.
uniform sampler2D occluders;

// How much of the sky above the plane through p with normal n a capsule hides, 0 to 1. The nearest
// point's sphere stands for the capsule (sphere over a horizon: Quilez, "sphere ambient occlusion").
float hidden_by(vec3 p, vec3 n, vec4 a, vec4 b) {
    vec3 along = b.xyz - a.xyz;
    float h = clamp(dot(p - a.xyz, along) / max(dot(along, along), 1e-8), 0.0, 1.0);
    vec3 to = a.xyz + h * along - p;
    float r = mix(a.w, b.w, h), d = length(to);
    float facing = dot(n, to) / max(d, 1e-4);
    return clamp(facing * 0.85 + 0.15, 0.0, 1.0) * min((r * r) / max(d * d, 1e-6), 1.0);
}
"""

# The skin: each vertex goes with one or two joints, blended as dual quaternions.
_SKIN = """
layout(location = 0) in vec3 rest_m;
layout(location = 1) in vec3 rest_normal;
layout(location = 2) in vec3 paint;            // linear colour
layout(location = 3) in vec3 carriers;         // two joints, and the second one's share
uniform sampler2D joints;                      // texel (0, j) the turn of joint j, texel (1, j) its dual part
uniform int first_joint;

vec3 turned(vec4 q, vec3 v) { return v + 2.0 * cross(q.xyz, cross(q.xyz, v) + q.w * v); }

void skin(out vec3 position, out vec3 normal) {
    int one = first_joint + int(carriers.x + 0.5), other = first_joint + int(carriers.y + 0.5);
    vec4 a = texelFetch(joints, ivec2(0, one), 0), b = texelFetch(joints, ivec2(0, other), 0);
    float second = dot(a, b) < 0.0 ? -carriers.z : carriers.z;   // the shorter way round
    vec4 q = (1.0 - carriers.z) * a + second * b;
    vec4 da = texelFetch(joints, ivec2(1, one), 0), db = texelFetch(joints, ivec2(1, other), 0);
    vec4 d = (1.0 - carriers.z) * da + second * db;
    float size = length(q);
    q /= size;
    d /= size;
    position = turned(q, rest_m) + 2.0 * (q.w * d.xyz - d.w * q.xyz + cross(q.xyz, d.xyz));
    normal = turned(q, rest_normal);
}
"""

# How open the sky is changes slowly over a body, so it is found at the vertices: at every pixel it
# cost two thirds of the picture's time in software.
BODY_VERTEX = (
    _VERSION
    + _OCCLUSION
    + _SKIN
    + """
uniform mat4 view_projection;
uniform ivec2 own_occluders;            // first, count
uniform float floor_side;               // 1: the eye is above the floor, and what is below it is cut off
out vec3 at_m;
out vec3 facing;
out vec3 surface;
out float open;

float sky_visible(vec3 p, vec3 n) {
    float left = 1.0;
    for (int i = own_occluders.x; i < own_occluders.x + own_occluders.y; i++) {
        vec4 a = texelFetch(occluders, ivec2(0, i), 0), b = texelFetch(occluders, ivec2(1, i), 0);
        left *= 1.0 - 0.55 * hidden_by(p, n, a, b);
    }
    float floor_above = clamp(p.y / 0.5, 0.0, 1.0);   // surfaces that look at a near floor see little sky
    return left * mix(1.0, 0.45 + 0.55 * floor_above, clamp(0.5 - 0.5 * n.y, 0.0, 1.0));
}

void main() {
    skin(at_m, facing);
    surface = paint;
    open = sky_visible(at_m, facing);
    gl_Position = view_projection * vec4(at_m, 1.0);
    gl_ClipDistance[0] = floor_side * at_m.y + 1e-4;
}
"""
)

BODY_FRAGMENT = (
    _VERSION
    + _LIGHT
    + """
in vec3 at_m;
in vec3 facing;
in vec3 surface;
in float open;
uniform mat4 shadow_matrix;
uniform sampler2DShadow shadow_map;
uniform float shadow_map_per_m;         // widths of the map
uniform float shadow_texel_m;
out vec4 colour;

float key_visible(vec3 n, float facing_key) {
    // Moved off the surface by more where light grazes it, else the body would shade itself.
    float off = 0.004 + 1.5 * shadow_texel_m + (0.012 + 2.0 * shadow_texel_m) * (1.0 - max(facing_key, 0.0));
    vec4 p = shadow_matrix * vec4(at_m + n * off, 1.0);
    const vec2 TAPS[4] = vec2[4](vec2(-0.35, 0.85), vec2(-0.85, -0.35), vec2(0.35, -0.85), vec2(0.85, 0.35));
    float lit = 0.0;
    float reach = 0.011 * shadow_map_per_m;
    for (int i = 0; i < 4; i++) lit += texture(shadow_map, vec3(p.xy + reach * TAPS[i], p.z));
    return 0.25 * lit;
}

void main() {
    vec3 n = normalize(facing), to_eye = normalize(eye_m - at_m);
    float facing_key = dot(n, key_direction), facing_eye = max(dot(n, to_eye), 0.0);
    float key = max((facing_key + 0.12) / 1.12, 0.0) * key_visible(n, facing_key);
    vec3 ambient = mix(GROUND, SKY, 0.5 + 0.5 * n.y) * open;
    vec3 fill = vec3(0.80, 0.88, 1.0) * 0.26 * facing_eye * open;
    vec3 light = surface * (KEY * key + ambient + fill);
    // Cloth-like edge light from behind and above, cool against the warm key.
    float edge = 1.0 - facing_eye;
    edge *= edge * edge;
    light += mix(surface, vec3(0.4), 0.3) * vec3(0.80, 0.92, 1.15) * edge * 0.8 * (0.35 + 0.65 * max(n.y, 0.0)) * open;
    colour = to_screen(light);
}
"""
)

SHADOW_VERTEX = (
    _VERSION
    + _SKIN
    + """
uniform mat4 shadow_matrix;
void main() {
    vec3 position, normal;
    skin(position, normal);
    gl_Position = shadow_matrix * vec4(position, 1.0) * vec4(2.0, 2.0, 2.0, 1.0) - vec4(1.0, 1.0, 1.0, 0.0);
}
"""
)

SHADOW_FRAGMENT = _VERSION + "void main() {}\n"

FULL_VERTEX = (
    _VERSION
    + """
out vec2 across;                        // 0 .. 1 over the picture
void main() {
    across = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(across * 2.0 - 1.0, 1.0, 1.0);
}
"""
)

# What reaches the floor, drawn from above into a small texture: red the key light, green the sky.
FLOOR_LIGHT_FRAGMENT = (
    _VERSION
    + _OCCLUSION
    + """
in vec2 across;
uniform vec3 key_direction;
uniform vec4 floor_patch;               // x, z, width, depth in metres
uniform int n_occluders;
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
    vec3 p = vec3(floor_patch.x + across.x * floor_patch.z, 0.0, floor_patch.y + across.y * floor_patch.w);
    float key = 1.0, open = 1.0;
    for (int i = 0; i < n_occluders; i++) {
        vec4 a = texelFetch(occluders, ivec2(0, i), 0), b = texelFetch(occluders, ivec2(1, i), 0);
        key = min(key, key_past(p, a, b));
        open *= 1.0 - 0.8 * hidden_by(p, vec3(0.0, 1.0, 0.0), a, b);
    }
    colour = vec4(key, open, 0.0, 1.0);
}
"""
)

# The floor and what is behind it, in one pass over the whole picture.
STAGE_VERTEX = (
    _VERSION
    + """
uniform mat4 clip_to_world;
uniform vec3 eye_m;
out vec3 ray;                           // from the eye, not unit
void main() {
    vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0;
    gl_Position = vec4(corner, 0.0, 1.0);
    vec4 far = clip_to_world * vec4(corner, 1.0, 1.0);
    ray = far.xyz / far.w - eye_m;
}
"""
)

STAGE_FRAGMENT = (
    _VERSION
    + _LIGHT
    + """
in vec3 ray;
uniform vec3 stage_m;                   // middle of the lit floor
uniform float stage_radius_m;           // where it has faded away
uniform vec4 floor_patch;
uniform sampler2D floor_light;
out vec4 colour;

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

vec3 floor_at(vec2 p, float far) {
    vec2 w = max(abs(dFdx(p)) + abs(dFdy(p)), vec2(1e-4));
    float albedo = mix(0.060, 0.092, checker(p, w));
    albedo = mix(albedo, 0.135, 0.55 * lines(p, w, 0.012));
    vec2 at = (p - floor_patch.xy) / floor_patch.zw;
    vec2 inside = step(vec2(0.0), at) * step(at, vec2(1.0));
    vec2 light = mix(vec2(1.0), texture(floor_light, at).rg, inside.x * inside.y);
    float pool = exp(-far * far / 14.0);           // the lamp's cone: brightest where the dance is
    vec3 paint = albedo * vec3(0.94, 0.99, 1.08);
    return paint * (KEY * key_direction.y * light.x * (0.22 + 0.78 * pool) + SKY * light.y * (0.45 + 0.55 * pool));
}

void main() {
    vec3 unit = normalize(ray);
    float down = -eye_m.y / min(unit.y, -1e-4);    // distance to the floor where the ray meets it
    vec2 p = eye_m.xz + unit.xz * down;
    float far = length(p - stage_m.xz);
    float fade = unit.y < -1e-4 && eye_m.y > 0.0 ? smoothstep(0.28, 0.98, far / stage_radius_m) : 1.0;
    colour = to_screen(mix(floor_at(p, far), backdrop(unit), fade));
}
"""
)

# The figures, drawn with several samples a pixel in a layer of their own and laid over the stage.
LAYER_FRAGMENT = (
    _VERSION
    + """
uniform sampler2D layer;
out vec4 colour;
void main() { colour = texelFetch(layer, ivec2(gl_FragCoord.xy), 0); }
"""
)
