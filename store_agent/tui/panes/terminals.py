from store_agent.tui.panes.pane import Pane
class TerminalsPane(Pane):
    pass
