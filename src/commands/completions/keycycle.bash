# keycycle completions for bash. To have them always, put into ~/.bashrc:
#   source <(keycycle completions bash)

# Takes the quotes off what is typed: the text into "plain", the quote that is still open into "quote".
_keycycle_unquote() {
  local at char
  plain= quote=
  for ((at = 0; at < ${#1}; at++)); do
    char=${1:at:1}
    if [[ $char == "$quote" ]]; then
      quote=
    elif [[ -z $quote && $char == [\'\"] ]]; then
      quote=$char
    elif [[ $char == \\ && $quote != \' ]]; then
      ((++at))
      plain+=${1:at:1}
    else
      plain+=$char
    fi
  done
}

_keycycle() {
  local line plain quote kept lead part at rest=${COMP_LINE:0:COMP_POINT} typed=
  local -a words=()
  COMPREPLY=()
  # bash parts words at colons and the like (COMP_WORDBREAKS): what no blank stands between is one word.
  for ((at = 0; at <= COMP_CWORD; at++)); do
    part=${rest#"${rest%%[![:blank:]]*}"}
    if [[ $part != "$rest" ]]; then
      _keycycle_unquote "$typed"
      words+=("$plain")
      typed=
    fi
    rest=${part#"${COMP_WORDS[at]}"}
    ((at < COMP_CWORD)) || rest=
    typed+=${part%"$rest"}
  done
  # bash replaces only what stands behind the last such break.
  _keycycle_unquote "${typed%"$2"}"
  kept=$plain
  _keycycle_unquote "$typed"
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      [[ $plain == --*=* ]] && lead=${plain%%=*}=
      while IFS= read -r line; do
        line=$lead$line
        COMPREPLY+=("${line#"$kept"}")
      done < <(compgen -f -- "${plain#"$lead"}")
    else
      line=${line%%$'\t'*}
      line=${line#"$kept"}
      case $quote in
        \') line=$(sed "s/'/'\\\\''/g" <<<"$line") ;;
        \") line=$(sed 's/[\\"$`]/\\&/g' <<<"$line") ;;
        *) [[ -z $line ]] || printf -v line %q "$line" ;;
      esac
      COMPREPLY+=("$line")
    fi
  done < <("${words[0]}" __complete "${words[@]:1}" ":$plain" 2>/dev/null)
}
complete -F _keycycle keycycle
