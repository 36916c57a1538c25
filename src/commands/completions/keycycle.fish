# keycycle completions for fish. To have them always:
#   keycycle completions fish > ~/.config/fish/completions/keycycle.fish
function __keycycle_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    # Without its quotes, of which one may still be open.
    set -l current (string unescape -- "$typed"; or string unescape -- "$typed\""; or string unescape -- "$typed'")
    for line in ($words[1] __complete $words[2..-1] ":$current" 2>/dev/null)
        if test "$line" = :files
            set -l lead (string match -r -- '^--[\w-]+=' "$current")
            for path in (__fish_complete_path (string replace -- "$lead" '' "$current"))
                echo "$lead$path"
            end
        else
            echo $line
        end
    end
end
complete -c keycycle -f -a '(__keycycle_complete)'
