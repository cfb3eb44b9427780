"""The table of everything that can be done by menu, key or button."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """One row.

    Attributes:
        name: What key maps, buttons and menus call it.
        text: In menus; with an ellipsis where a dialog follows.
        menu: The menu it stands in; "Beats/Meter" is the menu Meter within the menu Beats. Empty for none. A leading
            "-" separates it from the row above.
        why: One line for tooltips and the status bar.
        icon: Of the icon family; empty for none.
        is_checkable: Whether it is on or off.
    """

    name: str
    text: str
    menu: str
    why: str
    icon: str = ""
    is_checkable: bool = False

    @property
    def group(self) -> str:
        """The menu of the bar that it is found in."""
        return self.menu.lstrip("-").split("/")[0]


def _rows(menu: str, *rows: tuple[str, ...]) -> tuple[Command, ...]:
    """(name, text, why[, icon[, "on/off"]]); a name that begins with "-" stands under a line."""
    out = []
    for name, text, why, *rest in rows:
        icon = rest[0] if rest else ""
        under_a_line = name.startswith("-")
        out.append(Command(name.lstrip("-"), text, ("-" if under_a_line else "") + menu, why, icon, len(rest) > 1))
    return tuple(out)


MENUS = ("File", "Edit", "Clip", "Generate", "Play", "Beats", "Check", "Mark", "View", "Help")

COMMANDS: tuple[Command, ...] = (
    *_rows(
        "File",
        ("new", "New piece", "Begin an empty piece", "file-plus"),
        ("open", "Open\u2026", "Open a piece, a song or a motion file", "folder-open"),
        ("open_demo", "Open the demo piece", "The piece that comes with Kinetograph"),
        ("-open_song", "Choose a song\u2026", "Dance to another song", "music"),
        ("import_motion", "Import motion\u2026", "As a dancer, a take, a reference or style material", "file-input"),
        ("-save", "Save", "Write the piece to its file", "save"),
        ("save_as", "Save as\u2026", "Write the piece to another file"),
        ("-import_grid", "Import beats\u2026", "Beats from a list of times, a MIDI tempo map or a file of Kinetograph"),
        ("export_grid", "Export beats\u2026", "Beats for Sonic Visualiser, music programs, or another piece"),
        ("-export", "Export\u2026", "Hand the dance on: FBX, BVH, glTF, USD, film, pictures, lists", "share"),
        ("export_again", "Export again", "The last export once more, without asking"),
        ("deliver", "Deliver shot\u2026", "All that film wants in one folder, proven by a receipt", "clapperboard"),
        ("receipt", "Last receipt\u2026", "What is proven of the last export"),
        ("screenshot", "Save a picture of the stage\u2026", "The moment as a PNG", "camera"),
        ("-preferences", "Preferences\u2026", "Theme, size, keys, sound, engine", "settings"),
        ("quit", "Quit", "Close the window", "log-out"),
    ),
    *_rows(
        "Edit",
        ("undo", "Undo", "Take the last step back, whatever it was", "undo-2"),
        ("redo", "Redo", "Bring the step back that was taken back", "redo-2"),
        ("-cut_clip", "Cut", "Taken away, to be pasted elsewhere"),
        ("copy_clip", "Copy", "What is selected, to be pasted elsewhere, to another dancer too", "copy"),
        ("paste_clip", "Paste at the playhead", "Over what is there; with Ripple it makes room", "clipboard-paste"),
        ("-select_all", "Select all of the dancer", "From the first frame to the last"),
        ("select_none", "Select nothing", "Sliders then shape the whole piece"),
        ("select_bar", "Select this bar", "The bar under the playhead"),
        ("select_eight", "Select this eight", "The count of eight under the playhead"),
        ("-snapping", "Snap", "Edges land on beats, clips and markers; Alt lets go", "magnet", "x"),
        ("ripple", "Ripple", "What lies behind moves along when a clip changes its length", "arrow-right-to-line", "x"),
        ("-add_dancer", "Add a dancer", "Another track, beside the others on the stage", "user-plus"),
        ("duplicate_dancer", "Duplicate the dancer", "The same dance beside it", "copy"),
        ("canon_dancer", "Duplicate in canon", "The same dance two beats later, beside it", "repeat-2"),
        ("remove_dancer", "Remove the dancer", "With all clips; undo brings everything back", "user-minus"),
    ),
    *_rows(
        "Clip",
        ("split", "Split at the playhead", "Two clips where there was one; the dance stays as it is", "scissors"),
        ("remove_clip", "Remove", "The dancer holds the last pose where nothing is left", "trash-2"),
        ("duplicate_clip", "Duplicate", "The same clip right behind itself", "copy-plus"),
        ("join_clips", "Join", "One clip of what is selected", "combine"),
        ("-mirror_clip", "Mirror", "Left becomes right", "flip-horizontal-2"),
        ("loop_clip", "Loop", "The take starts over when it ends", "repeat", "x"),
        ("match_clip", "Match to the clip before", "Join on where the dancer stood and faced", "magnet"),
        ("stretch_half", "Half speed", "Twice as long, half as fast", "chevrons-left"),
        ("stretch_double", "Double speed", "Half as long, twice as fast", "chevrons-right"),
        ("blend_clip", "Blend length\u2026", "Over how many frames the clip takes over from the one before"),
        ("-lock_clip", "Lock", "A locked clip is neither edited nor made anew", "lock", "x"),
    ),
    *_rows(
        "Generate",
        ("regenerate", "Regenerate", "A new take for the selection; the old one stays on the shelf", "sparkles"),
        ("four_takes", "Four takes", "Four new takes to look at in place", "layout-grid"),
        ("repeat_recipe", "Repeat the last recipe here", "The settings of the last take, for this selection"),
        ("cancel", "Stop generating", "What is there already stays"),
        ("renew_stale", "Make anew what is stale", "New takes where beats moved too far for the dance to follow"),
        ("-audition_1", "Look at take 1", "In place, in time"),
        ("audition_2", "Look at take 2", "In place, in time"),
        ("audition_3", "Look at take 3", "In place, in time"),
        ("audition_4", "Look at take 4", "In place, in time"),
        ("keep_take", "Keep the take", "It becomes the dance; the others stay on the shelf", "check"),
        ("return_take", "Return", "Back to what was there before"),
        ("flip_take", "A/B", "Between this take and the other, in place", "arrow-left-right"),
        ("-lock_parts", "Keep the legs", "New takes leave legs and path as they are", "footprints", "x"),
        ("draw_path", "Draw the path on the floor", "New takes walk where you draw", "route"),
    ),
    *_rows(
        "Play",
        ("play_pause", "Play or stop", "From where the playhead stands", "play"),
        ("play_loop", "Play from the loop's start", "Or from the start of the selection", "list-start"),
        ("-jog_back", "Backwards", "Again for twice as fast", "rewind"),
        ("jog_stop", "Stop", "Hold it to go slowly with the keys beside it"),
        ("jog_forward", "Forwards", "Again for twice as fast", "fast-forward"),
        ("slow_back", "Slowly backwards", "Half speed"),
        ("slow_forward", "Slowly forwards", "Half speed"),
    ),
    *_rows(
        "Play/Go",
        ("frame_back", "Frame back", "One frame", "step-back"),
        ("frame_forward", "Frame forward", "One frame", "step-forward"),
        ("beat_back", "Beat back", "To the beat before"),
        ("beat_forward", "Beat forward", "To the next beat"),
        ("bar_back", "Bar back", "To the downbeat before"),
        ("bar_forward", "Bar forward", "To the next downbeat"),
        ("eight_back", "Eight back", "To the count of one before"),
        ("eight_forward", "Eight forward", "To the next count of one"),
        ("edge_back", "Edge back", "To the clip edge before"),
        ("edge_forward", "Edge forward", "To the next clip edge"),
        ("go_start", "To the start", "Of the piece", "skip-back"),
        ("go_end", "To the end", "Of the piece", "skip-forward"),
    ),
    *_rows(
        "Play",
        ("-loop", "Loop", "Round and round the loop region", "repeat", "x"),
        ("loop_selection", "Loop the selection", "The loop region becomes the selection"),
        ("click", "Click", "A click on every beat", "metronome", "x"),
        ("count_in", "Count in", "5, 6, 7, 8 before it starts", "timer", "x"),
    ),
    *_rows(
        "Play/Speed",
        ("speed_25", "Quarter speed", "The pitch stays", "", "x"),
        ("speed_50", "Half speed", "The pitch stays", "", "x"),
        ("speed_75", "Three-quarter speed", "The pitch stays", "", "x"),
        ("speed_100", "Full speed", "As it is", "", "x"),
    ),
    *_rows(
        "Play",
        ("-mute", "Mute", "The piece plays on unheard; the wheel over the button sets the volume", "", "x"),
        ("volume_up", "Louder", "By 3 decibels, up to as recorded"),
        ("volume_down", "Softer", "By 3 decibels, down to silence"),
    ),
    *_rows(
        "Beats",
        ("grid_mode", "Correct the beats", "Beats can be dragged, in the rulers and in the song", "drum", "x"),
        ("dance_follows", "The dance follows", "Clips keep their bar and beat when these move", "link", "x"),
    ),
    *_rows(
        "Beats/Tempo",
        ("grid_half", "Half tempo", "Count every other beat"),
        ("grid_double", "Double tempo", "Count twice as many beats"),
        ("grid_earlier", "Half a beat earlier", "Where the off-beats are counted"),
        ("grid_later", "Half a beat later", "Where the off-beats are counted"),
        ("grid_tempo", "Exact tempo\u2026", "An even grid through the beat at the playhead", "gauge"),
    ),
    *_rows(
        "Beats/Bars and eights",
        ("grid_one", "This is 1", "The beat at the playhead begins a bar and an eight"),
        ("grid_one_earlier", "One a beat earlier", "Every bar begins a beat earlier"),
        ("grid_one_later", "One a beat later", "Every bar begins a beat later"),
        ("grid_bar_one", "Bar 1 is here", "What comes before is the pick-up"),
        ("grid_eights", "Eights a bar later", "Counts of eight begin with the other bars"),
    ),
    *_rows(
        "Beats/Meter",
        ("meter_2", "Bars of 2/4", "Everywhere"),
        ("meter_3", "Bars of 3/4", "Everywhere"),
        ("meter_4", "Bars of 4/4", "Everywhere"),
        ("meter_6", "Bars of 6/8", "Everywhere, six counts a bar"),
        ("meter_here", "Meter from here\u2026", "From the beat at the playhead on"),
    ),
    *_rows(
        "Beats",
        ("-beat_here", "Beat to the playhead", "The nearest beat, and those between two pins", "move-horizontal"),
        ("warp_here", "Beats from here on", "The nearest beat goes to the playhead, and all behind it along"),
        ("pin_beat", "Pin the beat", "Dragging other beats does not reach beyond it", "pin"),
        ("lock_beats", "Lock the beats", "Of the selection, or this bar: nothing moves them", "lock"),
    ),
    *_rows(
        "Beats/Tapping",
        ("tap_along", "Tap along", "While it plays, on every beat", "hand"),
        ("tap_use", "Use the taps there", "Beats where you tapped them"),
        ("tap_use_on", "Use the taps from there on", "And their last tempo for all that follows"),
        ("tap_use_all", "Use the taps everywhere", "Their tempo for the whole song"),
    ),
    *_rows(
        "Beats/Parts of the song",
        ("section_rename", "Rename the part\u2026", "The part of the song at the playhead"),
        ("section_here", "Part begins here", "The nearest beginning of a part goes to the playhead"),
        ("section_split", "Split the part", "Another part begins at the playhead"),
        ("section_merge", "Merge with the next part", "One part of two"),
    ),
    *_rows(
        "Beats",
        ("-reset_grid", "Back to what was heard", "Beats, parts and emotion as they were found", "rotate-ccw"),
        ("reset_heard", "Emotion as it was heard", "The beats stay corrected"),
        ("listen_again", "Listen again", "The song anew, by the beat tracker in the preferences", "headphones"),
    ),
    *_rows(
        "Check",
        ("next_finding", "Next finding", "What the rules find next, from the playhead on", "arrow-right-to-line"),
        ("finding_before", "Finding before", "What they found before", "arrow-left-to-line"),
        ("show_findings", "All findings", "The panel, with the keys in its list", "search"),
        ("-repair_finding", "Repair", "A mended dance as a ghost; Enter keeps it", "wand-sparkles"),
        ("intend_finding", "Intended\u2026", "It is meant so, with a note; or it counts again", "check"),
        ("why_finding", "Why?", "The rule, its source, and its limit for this piece", "circle-question-mark"),
        ("renew_movement", "Make the movement anew", "A new take of the movement that the finding is in", "sparkles"),
    ),
    *_rows(
        "Mark",
        ("marker", "Marker", "At the moment that is heard, while playing too", "bookmark"),
        ("marker_note", "Marker with a note\u2026", "The note can be written while it plays on"),
        ("-mark_in", "In", "The selection begins here", "arrow-left-from-line"),
        ("mark_out", "Out", "The selection ends here", "arrow-right-from-line"),
        ("go_in", "To the in point", "Where the selection begins"),
        ("go_out", "To the out point", "Where the selection ends"),
        ("clear_in_out", "Clear in and out", "Nothing is selected"),
        ("-tap", "Tap the one", "Count one is at the moment that is heard", "hand"),
    ),
    *_rows(
        "View",
        ("view_front", "From the front", "As the audience sees it"),
        ("view_side", "From the side", "From stage left"),
        ("view_top", "From above", "The floor plan"),
        ("view_camera", "Home", "The view that a piece opens with"),
        ("-frame_selection", "Frame the dancer", "The dancer fills the picture", "scan"),
        ("follow_dancer", "Follow the dance", "The camera goes with all, or with who was framed", "crosshair", "x"),
        ("mirror_view", "Mirror", "As in a studio's mirror", "flip-horizontal", "x"),
        ("capsules", "Bodies as capsules", "Plain round limbs instead of skin", "box", "x"),
        ("ghosts", "Ghosts on counts", "Where the dancer was and will be, beat by beat", "ghost", "x"),
        ("trails", "Trails", "The ways of hands, feet and hips", "spline", "x"),
    ),
    *_rows(
        "View/Zoom the timeline",
        ("zoom_fit", "Whole piece", "The timeline shows everything", "maximize-2"),
        ("zoom_selection", "Zoom to the selection", "The timeline shows the selection"),
        ("zoom_in", "Zoom in", "The timeline, around the playhead", "zoom-in"),
        ("zoom_out", "Zoom out", "The timeline, around the playhead", "zoom-out"),
        ("zoom_back", "Zoom before", "As the timeline was before the last zoom"),
    ),
    *_rows(
        "View",
        ("-hide_ui", "Hide everything but the stage", "Again brings it back", "eye-off", "x"),
        ("full_screen", "Full screen", "The window fills the screen", "maximize", "x"),
        ("demo_mode", "Demo mode", "Full screen, big counts, pieces in a loop", "presentation"),
        ("reset_layout", "Reset the layout", "All panels back where they belong"),
    ),
    *_rows(
        "Help",
        ("keys_overlay", "Keys", "All keys on one page; any key closes it", "keyboard"),
        ("hints", "Show the hints again", "The five hints of the first start"),
        ("about", "About Kinetograph", "Version, licences, the model's card", "info"),
    ),
)

BY_NAME = {command.name: command for command in COMMANDS}
