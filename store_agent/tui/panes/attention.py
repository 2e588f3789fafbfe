from store_agent.tui.panes.pane import Pane
class AttentionPane(Pane):
    pass
